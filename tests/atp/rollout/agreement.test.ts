/**
 * One trajectory, four ways: training unrolls it, rollouts step it, a replay scores what was stored, and one pass over all its
 * rows has nothing kept of any other. They agree for every method, with stops at every length.
 */
import {
  Context,
  Experiment,
  Key,
  Layout,
  Method,
  Methods,
  Objective,
  Part,
  Policy,
  Reinforce,
  Rollout,
  Stop,
  Tokenizer
} from "../inside.ts"
import { Methods as Named } from "@noema/atp"
import { Tensor } from "@noema/tensor"
import { expect, test } from "vitest"
import { batchOf, farthest, integers, numbers, put, small } from "../small.ts"

const experiment = small()
const { budget, sizes, subject } = experiment
const { maxSteps } = budget

const coconutByToken = Method.method({
  name: "Coconut by token",
  summary: "stops where the language head would end the latents",
  backbone: Part.llama,
  parts: {},
  policy: () => Policy.hiddenState,
  stop: ({ backbone }) => Stop.byToken(backbone),
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.stopping(1)]
})

/** Layers that are not LLaMA's, under mixtures of symbols, and under latents that are drawn and a stop that is decided. */
const onNeoX = {
  softOnNeoX: Method.variant(Named.softTokens, {
    name: "Soft Tokens on NeoX",
    summary: "thinks in mixtures",
    backbone: Part.neoX
  }),
  atpOnNeoX: Method.variant(Named.atpLatent, { name: "ATP on NeoX", summary: "thinks in latents", backbone: Part.neoX })
}

/** Latents with a density, and a tool whose text goes back behind them. */
const callsAfterNoise = Method.method({
  name: "Calls after noise",
  summary: "puts texts back behind latents that have a density",
  backbone: Part.llama,
  parts: { steps: Part.stateDecoder(), stop: Part.stopHead() },
  policy: () => Policy.noisyHiddenState(0.3),
  stop: ({ stop }) => Stop.learned(stop),
  tool: ({ steps }) => steps,
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.calling(1, "steps"), Objective.stopping(1)],
  reinforcement: { frozen: ["steps"] }
})

/** Latents that are no rows and have a density, and a stop that is decided on them. */
const bankThatStops = Method.method({
  name: "Bank that stops",
  summary: "stops between transitions of its bank",
  backbone: Part.neuronBank({ deep: 2, shallow: 3, random: 2 }),
  parts: { latent: Part.latentHead(), stop: Part.stopHead() },
  policy: ({ latent }) => Policy.gaussian(latent),
  stop: ({ stop }) => Stop.learned(stop),
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.stopping(1)],
  reinforcement: {}
})

const all = Object.entries<Method.Method>({
  ...Methods.methods,
  coconutByToken,
  callsAfterNoise,
  bankThatStops,
  ...onNeoX
})
const named = (values: Float32Array, shape: ReadonlyArray<number>, names: ReadonlyArray<string>): any =>
  Tensor.fromNode(Tensor.fromArray(values, shape).node, names)

/** A sure rule that stops at a group of its own in every row. */
const stoppingAt = (groups: ReadonlyArray<number>, perStep: number, byAction: boolean) => {
  const at = (t: number) => () => ({
    stops: named(
      Float32Array.from(groups, (group) => Number(t === group * perStep)),
      [groups.length],
      ["batch"]
    ).pipe(Tensor.cast("bool")),
    next: at(t + 1)
  })
  return Stop.watching("at once", () => at(0), { byAction })
}

/** Rows of several kinds one after the other. */
const beside = (parts: ReadonlyArray<Tensor.Tensor<any, any>>, names: ReadonlyArray<string>): any =>
  Tensor.fromNode(Tensor.concat([...parts], 1).node, names)

test.each(all)("training, stepping, replay and one pass without a cache agree: %s", async (_, method) => {
  const steps = method.layout.thinks ? maxSteps : 0
  const perStep = Experiment.perStepOf(experiment.config, method)
  // What is called after a group writes so many symbols.
  const stepSymbols = 3
  const group = perStep + (method.calls ? stepSymbols : 0)
  const count = steps * perStep
  // A row for every length at which an attempt can stop, and one that never does.
  const lengths = Array.from({ length: maxSteps + 1 }, (_, steps) => steps)
  const rows = lengths.length
  const problems = subject.train.slice(0, rows)
  const own = put(experiment, method)
  // A rule that is sure is made to stop where it should, whatever it would have seen.
  const model =
    own.stop.watch === undefined ? own : { ...own, stop: stoppingAt(lengths, perStep, own.stop.byAction === true) }
  const policy = model.explore ?? model.policy
  const random = Key.draws(Key.fromSeed(8))
  const over = policy.over ?? "width"
  const noise = Array.from({ length: count }, () =>
    Float32Array.from({ length: rows * sizes[over] }, () => 2 * random.uniform() - 1)
  )
  const { context } = Experiment.wordingOf(experiment, method)
  const question = integers(
    Layout.padded(
      problems.map((problem) => Layout.packQuestion(subject.tokenizer, problem, context)),
      context,
      "left"
    ),
    ["batch", "question"]
  )
  const asked = Objective.ask(model, question)
  const taken = Rollout.take(
    { ...model, policy },
    asked,
    { latents: "sampled", stops: "sampled", maxSteps: steps, perStep, stepSymbols },
    (t) => ({
      noise: named(noise[t]!, [rows, sizes[over]], ["batch", over]),
      // Below every chance of stopping, or above it.
      uniform: named(
        Float32Array.from(lengths, (steps) => (t === steps * perStep ? 0 : 1)),
        [rows],
        ["batch"]
      ),
      draws: (count) =>
        Array.from({ length: count }, () =>
          named(
            Float32Array.from({ length: rows }, () => random.uniform()),
            [rows],
            ["batch"]
          )
        )
    })
  )
  const stepped = Rollout.writeAfter(model.backbone, taken, { count: 3, more: true, uniforms: null })
  const tail = Tensor.concat(
    [Tensor.fullLike(taken.used, 3), ...stepped.symbols].map((each) => Tensor.expandDims(each, 1)),
    1
  )
  const written: Tensor.Tensor<["batch", "tail"], "i32"> = Tensor.fromNode(tail.node, ["batch", "tail"])
  const used = Tensor.cast(Tensor.floor(Tensor.mul(Tensor.cast(taken.used, "f32"), 1 / perStep)), "i32")

  const texts: Tensor.Tensor<["batch", "steps", "symbols"], "i32"> | null = method.calls
    ? Tensor.fromNode(Tensor.stack([...taken.texts], 1).node, ["batch", "steps", "symbols"])
    : null
  expect(taken.texts.length).toBe(method.calls ? steps : 0)

  const phase = { name: "answers", latentSteps: steps, text: "none" as const, updates: 1 }
  const { batch } = batchOf(experiment, method, phase, problems)
  const trained = Objective.think(
    { ...model, policy },
    { ...batch, question, tail: written, needed: used, groups: texts ?? batch.groups },
    { latentSteps: steps, perStep },
    (_, t) => taken.latents[t]!
  )
  const thought = (t: number) => Tensor.expandDims(Tensor.gt(taken.used, t), 1)
  // Behind the last latent of a group stands what was called for, with the mark between steps in place of its end.
  const backAt = (t: number) => ((t + 1) % perStep === 0 ? (taken.texts[Math.floor(t / perStep)] ?? null) : null)
  // What is written behind a mind sees what that shows and nothing else.
  const { mind } = taken.context
  const isShown = mind === undefined ? null : Tensor.gt(Tensor.sum(Tensor.abs(mind.shown), 2), -1)
  const isThere =
    isShown !== null
      ? [isShown, Tensor.ne(written, Tokenizer.special("<pad>"))]
      : [
          Tensor.ne(question, Tokenizer.special("<pad>")),
          ...taken.latents.flatMap((_, t) => {
            const back = backAt(t)
            return [
              thought(t),
              ...(back === null ? [] : [Tensor.and(Tensor.ne(back, Tokenizer.special("<pad>")), thought(t))])
            ]
          }),
          Tensor.ne(written, Tokenizer.special("<pad>"))
        ]
  const asStep = (back: Tensor.Tensor<["batch", number], "i32">) =>
    Tensor.where(Tensor.eq(back, Tokenizer.special("<eos>")), Tokenizer.special("<sep>"), back)
  const rowsOfAll =
    mind !== undefined
      ? [mind.shown, model.backbone.embed(written)]
      : [
          model.backbone.embed(question),
          ...taken.latents.flatMap((latent, t) => {
            const back = backAt(t)
            return [Tensor.expandDims(latent, 1), ...(back === null ? [] : [model.backbone.embed(asStep(back))])]
          }),
          model.backbone.embed(written)
        ]
  const whole = Context.read(
    model.backbone,
    beside(rowsOfAll, ["batch", "rows", "width"]),
    beside(isThere, ["batch", "rows"])
  ).hidden
  const stored = {
    question: Tensor.fromNode<["questions", "question"], "i32">(question.node, ["questions", "question"]),
    of: Tensor.iota([Tensor.dim(question, 0)], 0),
    latents: taken.latents,
    drawn: taken.drawn,
    used: taken.used,
    tail: written,
    noise: taken.noise,
    texts:
      texts === null
        ? null
        : Tensor.fromNode<["batch", "steps", "spoken"], "i32">(texts.node, ["batch", "steps", "spoken"])
  }
  const { explore } = model
  // Under the policy-gradient term of a method that has a density; what is not reinforced has none.
  const { scoreFunction } = Reinforce.Estimator
  const isScored = explore !== null && scoreFunction.refusal(explore) === null
  const scored = (isScored ? [scoreFunction] : []).map((estimator) => {
    const { latent, written } = estimator.chances(model, explore!, perStep, Reinforce.Coordinates.perComponent, stored)
    return { density: latent.logProb, kept: latent.live, written: Tensor.at(written.logProb, 2, 0) }
  })
  // Noise that was kept, thought anew: every policy of rows here can, reinforced or not.
  const { reparameterised } = Reinforce.Estimator
  const isAnew = reparameterised.refusal(policy) === null
  expect(isAnew).toBe(policy.sampling === "reparameterised")
  const again = (method.layout.thinks && isAnew ? [reparameterised] : []).map((estimator) => ({
    latents: Reinforce.thoughtAnew(model, policy, perStep, stored).latents,
    written: Tensor.at(
      estimator.chances(model, policy, perStep, Reinforce.Coordinates.sum, stored).written.logProb,
      2,
      0
    )
  }))
  const host = await numbers({
    used: taken.used,
    afterThought: taken.context.state.hidden,
    stepped: stepped.writing.context.state.hidden,
    trained: trained.tail.hidden,
    predicted: Tensor.logSoftmax(trained.tail.logits),
    symbols: stepped.symbols,
    whole,
    densities: isScored
      ? taken.latents.map((latent, t) => {
          const { states } = trained.thought!
          const state = Tensor.at(Tensor.at(states, 1, Math.floor(t / perStep)), 1, t % perStep)
          const dist = explore.dist<["batch"]>(state)
          if ("scoresAt" in dist) return dist.logProb!(taken.drawn[t]!.scores[0]!)
          return "draws" in dist
            ? Tensor.stack(dist.logProb!(taken.drawn[t]!.symbols), 1, "components")
            : dist.logProb!(latent)
        })
      : [],
    scored,
    taken: taken.latents,
    again
  })
  const stops = model.stop.logits !== null || model.stop.watch !== undefined
  expect([...host.used.data]).toEqual(lengths.map((steps) => (stops ? steps * perStep : count)))
  const { vocabulary, width } = sizes
  const ends = mind === undefined ? context + steps * group : mind.shown.sizes[1]!
  for (let row = 0; row < rows; row++) {
    const rowOf = (data: ArrayLike<number>, at: number) => Array.from(data).slice(at * width, (at + 1) * width)
    // The state after what was written is that of the last symbol of the tail.
    expect(farthest(rowOf(host.stepped.data, row), rowOf(host.trained.data, row * 4 + 3))).toBeLessThan(1e-5)
    // Of a mind that nothing was thought in there is the question to see.
    for (let j = 0; j < 4 && (mind === undefined || host.used.data[row]! > 0); j++) {
      const alone = rowOf(host.whole.data, row * (ends + 4) + ends + j)
      expect(farthest(alone, rowOf(host.trained.data, row * 4 + j))).toBeLessThan(1e-5)
    }
    for (const { density, kept, written } of host.scored) {
      // Symbols that made a rule stop are an action as well.
      const last =
        host.used.data[row]! -
        Number(!(model.stop.byAction === true && (policy.sampling === "discrete" || over === "vocabulary")))
      for (let t = 0; t < count; t++) expect(kept.data[row * count + t]).toBe(Number(t <= last))
      for (let t = 0; t <= Math.min(last, count - 1); t++) {
        // Behind the coordinates stands what was decided.
        const components = density.data.length / (rows * count)
        const at = (row * count + t) * components
        const { data, sizes } = host.densities[t]!
        const ofAction = sizes[1]!
        const own = Array.from(density.data.slice(at, at + ofAction))
        expect(farthest(own, data.slice(row * ofAction, (row + 1) * ofAction))).toBeLessThan(
          1e-5 * Math.max(1, ...own.map(Math.abs))
        )
      }
      host.symbols.forEach(({ data }, j) => {
        const expected = host.predicted.data[(row * 4 + j) * vocabulary + data[row]!]!
        expect(Math.abs(written.data[row * 4 + j + 1]! - expected)).toBeLessThan(1e-5)
      })
    }
    // Padding is never drawn, and those that draw score the others alone.
    const others = (j: number) => {
      const padding = host.predicted.data[(row * 4 + j) * vocabulary + Tokenizer.special("<pad>")]!
      return Math.log1p(-Math.exp(padding))
    }
    for (const { latents, written } of host.again) {
      // The latent at which an attempt stopped is proposed as well.
      for (let t = 0; t <= Math.min(host.used.data[row]!, count - 1); t++)
        expect(farthest(rowOf(latents.data, row * count + t), rowOf(host.taken[t]!.data, row))).toBeLessThan(1e-5)
      host.symbols.forEach(({ data }, j) => {
        const expected = host.predicted.data[(row * 4 + j) * vocabulary + data[row]!]! - others(j)
        expect(Math.abs(written.data[row * 4 + j + 1]! - expected)).toBeLessThan(1e-5)
      })
    }
  }
})
