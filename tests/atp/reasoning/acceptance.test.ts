import {
  Coherence,
  Experiment,
  Generate,
  Graph as g,
  Key,
  Layout,
  Llama,
  Methods,
  Policy,
  PolicyGradient,
  ReasonerModel,
  Reinforce,
  Session,
  Speaker,
  StopRule,
  SupervisedLoss,
  TrainState
} from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { asConstants, lively, onReference, small, smallKey } from "./small.ts"

const { methods } = Methods
const experiment = small()
const { sizes, subject } = experiment
const perStep = experiment.config.model.perStep
const count = experiment.budget.maxSteps * perStep
const model = lively(experiment, methods["atp-latent"])
const constants = asConstants(model)

const numbers = async (tree: unknown): Promise<any> => onReference(Program.compute(tree as never))
const data = (host: { readonly data: ArrayLike<number> }) => Array.from(host.data)
const farthest = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

const integers = ({ data, shape }: { readonly data: Int32Array; readonly shape: ReadonlyArray<number> }) =>
  Tensor.fromArray(data, shape as ReadonlyArray<number>) as unknown as g.Integers

const key0 = Key.fromSeed(0)
const key = Tensor.fromArray(Key.words(Key.fromSeed(5)), [2]) as unknown as g.Integers
const phase = { name: "answers", latentSteps: experiment.budget.maxSteps, text: "none" as const, updates: 1 }
const packed = subject.train
  .slice(0, 4)
  .map((problem) =>
    Layout.pack(subject.tokenizer, problem, phase, { context: 96, maxSteps: subject.maxSteps, spare: "nothing" })
  )
const lengths = Layout.lengthsOf(packed)
const batch = {
  question: integers(
    Layout.padded(
      packed.map(({ question }) => question),
      lengths.question,
      "left"
    )
  ),
  tail: integers(
    Layout.padded(
      packed.map(({ tail }) => tail),
      lengths.tail,
      "right"
    )
  ),
  groups: integers({
    ...Layout.padded(
      packed.flatMap(({ groups }) => groups),
      lengths.group,
      "right"
    ),
    shape: [4, subject.maxSteps, lengths.group]
  }),
  needed: integers({ data: Int32Array.from(packed, ({ needed }) => needed), shape: [4] })
}
const parts = { ...methods["atp-latent"], latentSteps: subject.maxSteps, perStep }
const sampled =
  (key: g.Integers) =>
  (policy: Policy.StepPolicy, model: ReasonerModel.Reasoner<g.Reals>, hidden: g.Reals, t: number) => {
    const { divergence, sample } = policy.dist(model, hidden)
    return { latent: sample(g.fold(key, t)), divergence }
  }

/** Rollouts of the untrained model, with everything sampled unless answers are to be greedy. */
const rollouts = (
  policy: Policy.StepPolicy,
  method: Methods.AnyMethod,
  seed: number,
  start = model,
  answers: "greedy" | "sampled" = "sampled"
) =>
  onReference(
    Effect.gen(function* () {
      const held = yield* TrainState.holdModel(start, experiment.config.supervised)
      const sampler = yield* Generate.generator(
        held.state,
        held.specs,
        Experiment.trainedBy(experiment, method),
        { latents: "sampled", stops: "sampled", answers, batch: 6, speak: true },
        policy
      )
      return yield* sampler.run(subject.rl.slice(0, 6), Key.fromSeed(seed))
    })
  )

/** Stored actions as programs take them. */
const replayed = (found: ReadonlyArray<Generate.Rollout>, method: Methods.AnyMethod): PolicyGradient.Replay => {
  const trained = Experiment.trainedBy(experiment, method)
  return {
    question: integers(
      Layout.padded(
        found.map(({ problem }) => Layout.packQuestion(subject.tokenizer, problem, 96)),
        trained.context,
        "left"
      )
    ),
    latents: Tensor.fromArray(Float32Array.from(found.flatMap(({ thoughts }) => Array.from(thoughts))), [
      found.length,
      count,
      sizes.backbone.width
    ]) as unknown as g.Reals,
    used: integers({ data: Int32Array.from(found, ({ latents }) => latents.count), shape: [found.length] }),
    tail: integers(
      Layout.padded(
        found.map(({ tail }) => tail),
        trained.textSymbols + 1,
        "right"
      )
    )
  }
}

test("a pass through the cache, row by row, gives what one pass over all rows gives", async () => {
  const { tail, question } = batch
  const whole = g.concat([Llama.embed(constants.backbone, question), Llama.embed(constants.backbone, tail)], 1)
  const notPadding = (symbols: g.Integers) => g.indicator(g.not(g.same(symbols, 0)))
  const valid = g.concat([notPadding(question), notPadding(tail)], 1)
  const positions = g.maximum(g.sub(g.cumulative(valid, 1), 1), 0)
  const once = Llama.pass(constants.backbone, sizes.backbone, whole, positions, Llama.causal(valid)).hidden
  const time = whole.sizes[1]!
  const visible = Llama.causal(valid)
  let cache = Llama.withRoom(
    Llama.pass(
      constants.backbone,
      sizes.backbone,
      g.slice(whole, 1, 0, 1),
      g.slice(positions, 1, 0, 1),
      Llama.causal(g.slice(valid, 1, 0, 1))
    ).cache,
    time
  )
  const stepwise = [g.slice(once, 1, 0, 1)]
  for (let at = 1; at < time; at++) {
    const row = g.less(0.5, g.slice(g.indicator(visible), 1, at, 1))
    const passed = Llama.pass(
      constants.backbone,
      sizes.backbone,
      g.slice(whole, 1, at, 1),
      g.slice(positions, 1, at, 1),
      row,
      // Slots known when tracing and slots known when running must agree.
      { cache, write: at % 2 === 0 ? Llama.writeAt(at) : Llama.writeWhere(oneHot(at, time)) }
    )
    cache = passed.cache
    stepwise.push(passed.hidden)
  }
  const [a, b] = await numbers([once, g.concat(stepwise, 1)])
  expect(farthest(data(a), data(b))).toBeLessThan(1e-9)
})
const oneHot = (at: number, size: number) =>
  Tensor.fromArray(
    Float32Array.from({ length: size }, (_, i) => Number(i === at)),
    [size]
  ) as unknown as g.Reals

test("latents hidden behind a stop give the answer logits that leaving the loop gives", async () => {
  const one = { ...batch, needed: integers({ data: Int32Array.of(1, 1, 1, 1), shape: [4] }) }
  const masked = SupervisedLoss.unroll(constants, sizes, parts, one, sampled(key))
  const left = SupervisedLoss.unroll(constants, sizes, { ...parts, latentSteps: 1 }, one, sampled(key))
  const [a, b] = await numbers([masked.tailLogits, left.tailLogits])
  expect(farthest(data(a), data(b))).toBeLessThan(1e-9)
})

/** Every scored policy there is: those that methods think with, and those they are reinforced with. */
const acting = Object.entries(methods).flatMap(([name, method]) => {
  const term = (method as Methods.AnyMethod).reinforcement
  return term === null ? [] : [[`${name}, ${term.policy.name}`, term.policy, method] as const]
})
const thinking = Object.entries(methods).flatMap(([name, method]) => {
  const { policy } = method as Methods.AnyMethod
  return isScored(policy) ? [[`${name} without a floor, ${policy.name}`, policy, method] as const] : []
})
function isScored(policy: Policy.StepPolicy): policy is Policy.StepPolicy<"scored"> {
  return policy.density === "scored"
}

test("every scored policy of the package is replayed", () => {
  const names = [...acting, ...thinking].map(([, { name }]) => name)
  const made = [
    Policy.gaussianHead(),
    Policy.noisyHiddenState(1),
    Policy.softTokens({ temperature: 1, noise: 1 }),
    Policy.hiddenState,
    Policy.softThinking({ temperature: 1 }),
    Policy.explored(Policy.hiddenState, 1)
  ]
  expect(made).toHaveLength(Object.values(Policy).filter((each) => isPolicyOrMaker(each)).length)
  for (const { density, name } of made) expect(names.includes(name)).toBe(density === "scored")
})
const isPolicyOrMaker = (each: unknown) =>
  !Object.is(each, Policy.gaussianLogProb) && !Object.is(each, Policy.gaussianDivergence)

describe.each([...acting, ...thinking])("replay under %s", (_, policy, method) => {
  test("the density of stored actions is that of the policy that acted, and every first ratio is 1", async () => {
    const start = lively(experiment, method)
    const found = await rollouts(policy, method, 7, start)
    const replay = replayed(found, method)
    const scored = { policy, stop: method.stop, coordinates: Reinforce.Coordinates.sum, perStep }
    const here = asConstants(start)
    const scores = PolicyGradient.score(here, sizes, scored, replay)
    const advantage = Tensor.fromArray([1, -1, 0.5, -0.5, 2, -2]) as unknown as g.Reals
    const loss = PolicyGradient.policyLoss(here, sizes, scored, Reinforce.term({ policy }), replay, {
      before: scores,
      reference: null,
      advantage: { latent: advantage, written: advantage },
      kept: g.full([6], 1)
    })
    const host = await numbers({ scores: { ...scores }, loss: { ...loss } })
    // Ratios of 1: each part is minus the mean advantage over trajectories that have that part.
    expect(Math.abs(host.loss.drift.data[0])).toBeLessThan(1e-9)
    expect(host.loss.clipped.data[0]).toBe(0)
    expect(host.loss.written.data[0]).toBeCloseTo(0, 4)
    const having = found.map(({ latents }) => (latents.count > 0 ? 1 : 0))
    const share = (live: ReadonlyArray<number>) =>
      -[1, -1, 0.5, -0.5, 2, -2].reduce((sum, each, i) => sum + each * live[i]!, 0) / found.length
    expect(host.loss.latent.data[0]).toBeCloseTo(share(having), 4)
    const live = data(host.scores.latentLive)
    expect(live.reduce((sum, x) => sum + x, 0)).toBe(found.reduce((sum, { latents }) => sum + latents.count, 0))

    // The same key rolls out the same actions.
    const again = await rollouts(policy, method, 7, start)
    expect(again.map(({ tail }) => tail)).toEqual(found.map(({ tail }) => tail))
    expect(again.map(({ thoughts }) => Array.from(thoughts))).toEqual(found.map(({ thoughts }) => Array.from(thoughts)))
  })
})

// Three computations of one trajectory: the session that acts, the graph of training, and the one pass that scores.
test.each(acting)("rolled out, trained on and scored, a trajectory is the same: %s", async (_, policy, method) => {
  const start = lively(experiment, method)
  const here = asConstants(start)
  const found = await rollouts(policy, method, 9, start, "greedy")
  const replay = replayed(found, method)
  const key = Key.derive(Key.fromSeed(9), "batch", 0)
  const proposals: Array<g.Reals> = []
  const densities: Array<g.Reals> = []
  const thought = SupervisedLoss.unroll(
    here,
    sizes,
    { ...method, policy, latentSteps: experiment.budget.maxSteps, perStep },
    {
      question: replay.question,
      tail: replay.tail,
      needed: integers({
        data: Int32Array.from(found, ({ latents }) => latents.count / perStep),
        shape: [found.length]
      })
    },
    (_, model, hidden, t) => {
      const words = Tensor.fromArray(Key.words(Key.derive(key, "think", t)), [2]) as unknown as g.Integers
      const dist = policy.dist(model, hidden)
      const latent = g.take(replay.latents, 1, t)
      proposals.push(dist.sample(g.fold(words, 0)))
      densities.push(g.sum(dist.logProb(latent), 1))
      return { latent, divergence: null }
    }
  )
  const decisions = method.stop.logits === null ? [] : [g.logSoftmax(method.stop.logits(here, replay.latents))]
  const { latent, written, writtenLive } = PolicyGradient.score(
    here,
    sizes,
    { ...method, policy, coordinates: Reinforce.Coordinates.sum, perStep },
    replay
  )
  const host = await numbers({
    proposals,
    densities,
    decisions,
    written: g.logSoftmax(thought.tailLogits),
    scored: { latent, written, writtenLive }
  })
  const { vocabulary, width } = sizes.backbone
  const tailLength = replay.tail.sizes[1]!
  let stops = 0
  found.forEach(({ latents: { count: used }, stopChances, tail, thoughts }, row) => {
    const decision = (t: number, side: 0 | 1) => host.decisions[0].data[(row * count + t) * 2 + side]
    for (let t = 0; t < count; t++) {
      if (t > used || (t === used && method.stop.logits === null)) continue
      const stored = Array.from(thoughts.subarray(t * width, (t + 1) * width))
      expect(farthest(stored, data(host.proposals[t]).slice(row * width, (row + 1) * width))).toBeLessThan(1e-4)
      const asked = method.stop.logits !== null && t % perStep === 0
      if (asked) expect(Math.exp(decision(t, 1))).toBeCloseTo(stopChances[t / perStep]!, 4)
      if (t === used) continue
      const expected = host.densities[t].data[row] + (asked ? decision(t, 0) : 0)
      expect(Math.abs(host.scored.latent.data[row * count + t] - expected)).toBeLessThan(1e-4)
    }
    const scored = (j: number) => host.scored.written.data[row * tailLength + j]
    const stopped = used < count && method.stop.logits !== null
    stops += Number(stopped)
    expect(host.scored.writtenLive.data[row * tailLength]).toBe(Number(stopped))
    expect(scored(0)).toBeCloseTo(stopped ? decision(used, 1) : 0, 4)
    tail.slice(1).forEach((symbol, j) => {
      const at = (row * tailLength + j) * vocabulary
      const all: ReadonlyArray<number> = data(host.written).slice(at, at + vocabulary)
      expect(scored(j + 1)).toBeCloseTo(all[symbol]!, 4)
      // What was written is the likeliest of all that may be.
      expect(Math.max(...all.slice(1))).toBeCloseTo(all[symbol]!, 4)
    })
  })
  // Some stop and some use all their latents; otherwise this shows less than it says.
  if (method.stop.logits !== null) expect(stops > 0 && stops < found.length).toBe(true)
})

test("padding is never written, however likely it is: a replay would not see it", async () => {
  const start = structuredClone(model) as any
  start.backbone.head.data.fill(0)
  for (const answers of ["greedy", "sampled"] as const) {
    const found = await Promise.all(
      [1, 2, 3].map((seed) => rollouts(Policy.gaussianHead(0.3), methods["atp-latent"], seed, start, answers))
    )
    expect(found.flat().flatMap(({ tail }) => tail)).not.toContain(0)
  }
})

test("gradients through two latents agree with finite differences, for every part of the model", async () => {
  const random = Key.draws(Key.fromSeed(1))
  const paths = [
    "latentHead.mean",
    "latentHead.logVariance",
    "stopHead.first",
    "stopHead.second",
    "decoder.head",
    "decoder.blocks.0.down",
    "backbone.embedding",
    "backbone.blocks.0.value"
  ]
  const lossOf = (tree: any) => {
    const terms = SupervisedLoss.supervisedTerms(
      tree,
      sizes,
      { ...parts, latentSteps: 1 },
      { ...batch, groups: firstGroup },
      key
    )
    return g.add(g.add(terms.text, terms.steps), g.add(terms.stop, g.mul(terms.divergence, 0.5)))
  }
  const { valueAndGradWith } = await import("@noema/autodiff")
  const { gradient } = (valueAndGradWith as any)((tree: unknown) => [lossOf(tree), {}])(constants)
  const at = (tree: any, path: string) => path.split(".").reduce((inner, name) => inner[name], tree)
  for (const path of paths) {
    const slope = at(gradient, path) as g.Reals
    const values = at(model, path).data as Float32Array
    const direction = Float32Array.from(values, () => random.uniform() - 0.5)
    const moved = (by: number) => {
      const copy = structuredClone(model) as any
      at(copy, path).data.forEach((_: number, i: number) => (at(copy, path).data[i] = values[i]! + by * direction[i]!))
      return lossOf(asConstants(copy))
    }
    const eps = 2 ** -9
    const analytic = g.sum(g.mul(slope, Tensor.fromArray(direction, slope.sizes) as unknown as g.Reals))
    const [a, up, down] = await numbers([analytic, moved(eps), moved(-eps)])
    const numeric = (up.data[0] - down.data[0]) / (2 * eps)
    expect(Math.abs(a.data[0] - numeric) / Math.max(1e-2, Math.abs(numeric))).toBeLessThan(2e-2)
  }
}, 60_000)
const firstGroup = integers({
  ...Layout.padded(
    packed.map(({ groups }) => groups[0]!),
    lengths.group,
    "right"
  ),
  shape: [4, 1, lengths.group]
})

test("the divergence is 0 at the prior, has the closed form, and agrees with sampling", async () => {
  const reals = (values: ReadonlyArray<number>) => Tensor.fromArray([...values], [values.length]) as unknown as g.Reals
  const [prior, form] = await numbers([
    Policy.gaussianDivergence(reals([0, 0]), reals([0, 0])),
    g.mean(Policy.gaussianDivergence(reals([0.5, -0.2]), reals([-0.4, 0.3])))
  ])
  expect(data(prior)).toEqual([0, 0])
  expect(form.data[0]).toBeCloseTo(0.102545, 6)

  const draws = 40_000
  const [mean, logVariance] = [0.5, -0.4]
  const deviation = Math.exp(logVariance / 2)
  const z = g.add(g.mul(g.normal(key, [draws]), deviation), mean)
  const excess = g.sub(
    Policy.gaussianLogProb(z, g.full([1], mean), deviation),
    Policy.gaussianLogProb(z, g.full([1], 0), 1)
  )
  const [estimate, exact] = await numbers([
    g.mean(excess),
    Policy.gaussianDivergence(reals([mean]), reals([logVariance]))
  ])
  expect(Math.abs(estimate.data[0] - exact.data[0])).toBeLessThan(0.02)
})

const withHead = (change: (path: string, value: number) => number) => {
  const copy = structuredClone(model) as any
  for (const part of ["latentHead", "stopHead"])
    for (const [name, leaf] of Object.entries<any>(copy[part]))
      leaf.data.forEach((value: number, i: number) => (leaf.data[i] = change(`${part}.${name}.${i}`, value)))
  return copy as typeof model
}

test("with the least variance, latents at their mean and sampled ones give the same answers", async () => {
  const still = withHead((path, value) =>
    path.startsWith("latentHead.logVarianceBias") ? -100 : path.startsWith("latentHead.logVariance.") ? 0 : value
  )
  const latents = (mode: "mean" | "sampled") =>
    onReference(
      Effect.gen(function* () {
        const held = yield* TrainState.holdModel(still, experiment.config.supervised)
        const made = yield* Generate.generator(
          held.state,
          held.specs,
          Experiment.trainedBy(experiment, methods["atp-latent"]),
          {
            latents: mode,
            stops: "likely",
            answers: "greedy",
            batch: 6,
            speak: true
          }
        )
        return yield* made.run(subject.rl.slice(0, 6), smallKey)
      })
    )
  const [mean, sample] = [await latents("mean"), await latents("sampled")]
  expect(sample.map(({ tail }) => tail)).toEqual(mean.map(({ tail }) => tail))
  const apart = mean.map(({ thoughts }, i) => farthest(Array.from(thoughts), Array.from(sample[i]!.thoughts)))
  // exp(-6) is the least deviation.
  expect(Math.max(...apart)).toBeLessThan(0.05)
})

test("a stop head that always stops: no latents, no steps, and a loss that is finite", async () => {
  const stops = withHead((path, value) =>
    path === "stopHead.secondBias.1"
      ? 100
      : path.startsWith("stopHead.secondBias")
        ? -100
        : path.startsWith("stopHead.second.")
          ? 0
          : value
  )
  const policy = Policy.gaussianHead(0.3)
  const found = await rollouts(policy, methods["atp-latent"], 1, stops)
  expect(found.map(({ latents }) => latents.count)).toEqual(Array(6).fill(0))
  expect(found.flatMap(({ steps }) => steps)).toEqual([])
  for (const [mode, total] of [
    ["code", 1],
    ["paper", 1],
    ["strict", 0]
  ] as const)
    expect(Effect.runSync(Coherence.coherence(mode).score(found, key0)).map((score) => score.total)).toEqual(
      Array(6).fill(total)
    )
  const replay = replayed(found, methods["atp-latent"])
  const here = asConstants(stops)
  const scored = { policy, stop: StopRule.learnedStop, coordinates: Reinforce.Coordinates.sum, perStep }
  const scores = PolicyGradient.score(here, sizes, scored, replay)
  const loss = PolicyGradient.policyLoss(here, sizes, scored, Reinforce.term({ policy }), replay, {
    before: scores,
    reference: null,
    advantage: { latent: g.full([6], 1), written: g.full([6], 1) },
    kept: g.full([6], 1)
  })
  const host = await numbers({ ...loss })
  expect(host.latent.data[0]).toBe(0)
  expect(Number.isFinite(host.loss.data[0])).toBe(true)
})

test("the step decoder depends on its own latents and on nothing else", async () => {
  const width = sizes.backbone.width
  const latents = g.normal(key, [2, perStep, width])
  const swapped = g.concat([g.slice(latents, 0, 1, 1), g.slice(latents, 0, 0, 1)], 0)
  const text = integers(
    Layout.padded(
      packed.slice(0, 2).map(({ groups }) => groups[0]!),
      lengths.group,
      "right"
    )
  )
  const same = integers(Layout.padded([packed[0]!.groups[0]!, packed[0]!.groups[0]!], lengths.group, "right"))
  const speaker = Speaker.stepDecoder("reward", "nothing")
  const [own, alone, other] = await numbers([
    speaker.loss(constants, sizes, latents, same),
    speaker.loss(constants, sizes, g.slice(latents, 0, 0, 1), g.sliceIntegers(text, 0, 0, 1)),
    speaker.loss(constants, sizes, swapped, same)
  ])
  expect(own.data[0]).toBeCloseTo(alone.data[0], 9)
  expect(other.data[1]).toBeCloseTo(own.data[0], 9)
  expect(Math.abs(own.data[0] - own.data[1])).toBeGreaterThan(1e-6)
})

test("with the latents held, the decoder's loss does not change with the question, and with them free it does", async () => {
  const others = packed.map(({ question }) => [...question.slice(0, -1).toReversed(), question.at(-1)!])
  const permuted = { ...batch, question: integers(Layout.padded(others, lengths.question, "left")) }
  const held: Policy.StepPolicy<"unscored"> = {
    name: "held",
    density: "unscored",
    dist: (_, hidden) => {
      const mode = g.normal(key, hidden.sizes)
      return { mode, sample: () => mode, logProb: undefined, divergence: null }
    }
  }
  const stepsOf = (policy: Policy.StepPolicy, of: typeof batch) =>
    SupervisedLoss.supervisedTerms(constants, sizes, { ...parts, policy }, of, key).steps
  const [fixed, fixedPermuted, free, freePermuted] = await numbers([
    stepsOf(held, batch),
    stepsOf(held, permuted),
    stepsOf(parts.policy, batch),
    stepsOf(parts.policy, permuted)
  ])
  expect(fixedPermuted.data[0]).toBe(fixed.data[0])
  expect(Math.abs(freePermuted.data[0] - free.data[0])).toBeGreaterThan(1e-6)
})

test("the session and the training graph give the same logits for the same latents", async () => {
  const method = methods.coconut
  const start = lively(experiment, method)
  const thought = SupervisedLoss.unroll(
    asConstants(start),
    sizes,
    { ...method, latentSteps: subject.maxSteps, perStep },
    batch,
    (policy, model, hidden) => ({
      latent: policy.dist(model, hidden).mode,
      divergence: null
    })
  )
  const expected = await numbers(thought.tailLogits)
  const found = await onReference(
    Effect.gen(function* () {
      const held = yield* TrainState.holdModel(start, experiment.config.supervised)
      const session = yield* Session.reasoningSession(held.state, held.specs, sizes, method, {
        batch: 4,
        questionLength: lengths.question,
        rows: count + 1,
        latents: "mean",
        stops: "likely"
      })
      yield* session.open(
        Layout.padded(
          packed.map(({ question }) => question),
          lengths.question,
          "left"
        )
      )
      for (let t = 0; t < count; t++) yield* session.think(Int32Array.of(0, 0), t % perStep === 0)
      return yield* session.write(Int32Array.from(packed, ({ tail }) => tail[0]!))
    })
  )
  const vocabulary = sizes.backbone.vocabulary
  const first = data(expected).filter((_, i) => Math.floor(i / vocabulary) % lengths.tail === 0)
  expect(farthest(Array.from(found), first)).toBeLessThan(1e-5)
})
