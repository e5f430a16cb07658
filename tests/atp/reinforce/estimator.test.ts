/** Estimators of the policy gradient against the gradient itself, of a model of which everything can be enumerated. */
import {
  Context,
  Experiment,
  Key,
  Layout,
  Methods,
  type Method,
  Objective,
  Reinforce,
  Rollout,
  Tokenizer
} from "../inside.ts"
import { stopGradient, valueAndGradWith } from "@noema/autodiff"
import { Program, Random, Tensor, Wasm } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { asTensors, changed, integers, lively, mixtures, numbers, small } from "../small.ts"

const experiment = small()
const { budget, config, sizes, subject } = experiment
const { perStep } = config.model
const { maxSteps } = budget
const count = maxSteps * perStep
const { vocabulary, width } = sizes
const { reparameterised, scoreFunction } = Reinforce.Estimator
const exploration = 0.7

const named = (values: ArrayLike<number>, shape: ReadonlyArray<number>, names: ReadonlyArray<string>): any =>
  Tensor.fromNode(Tensor.fromArray(Float32Array.from(values), shape).node, names)
const whole = (values: ArrayLike<number>, shape: ReadonlyArray<number>, names: ReadonlyArray<string>): any =>
  Tensor.fromNode(Tensor.fromArray(Int32Array.from(values), shape).node, names)

/** What ending with so many groups and such a symbol is worth, and what a first word is. */
const worth = Array.from({ length: (maxSteps + 1) * vocabulary }, (_, i) => Math.sin(3 * i + 1) + (i % 7 === 0 ? 1 : 0))
const worthOfWord = Array.from({ length: vocabulary }, (_, i) => Math.cos(2 * i))

/** Attempts of one symbol after the latents, and one word for each step. */
interface Attempts {
  readonly question: Tensor.Tensor<["questions", "question"], "i32">
  readonly of: Tensor.Tensor<["batch"], "i32">
  readonly latents: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>
  readonly noise: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>
  readonly used: Tensor.Tensor<["batch"], "i32">
  readonly symbol: Tensor.Tensor<["batch"], "i32">
  readonly words: Tensor.Tensor<["batch", "steps"], "i32"> | null
}

const { context } = Experiment.wordingOf(experiment, Methods.methods["atp-latent"])
const questions = Layout.padded(
  subject.train.slice(0, 2).map((problem) => Layout.packQuestion(subject.tokenizer, problem, context)),
  context,
  "left"
)
const asked = (rows: number) => ({
  question: integers(questions, ["questions", "question"]),
  of: whole(
    Array.from({ length: rows }, (_, i) => i % 2),
    [rows],
    ["batch"]
  ) as Tensor.Tensor<["batch"], "i32">
})

const askedBy = (model: Method.Model, rows: number) => {
  const { of, question } = asked(rows)
  const read = Objective.ask(model, question)
  return Context.attemptsAt(read, of)
}

/** Attempts as they are stored. */
const storedOf = ({ symbol, words, ...attempts }: Attempts): Reinforce.Stored => {
  const rows = [Tensor.fullLike(symbol, Tokenizer.special("<eot>")), symbol].map((each) => Tensor.expandDims(each, 1))
  return {
    ...attempts,
    tail: Tensor.fromNode<["batch", "tail"], "i32">(Tensor.concat(rows, 1).node, ["batch", "tail"]),
    texts:
      words === null
        ? null
        : Tensor.fromNode<["batch", "steps", "spoken"], "i32">(Tensor.expandDims(words, 2).node, [
            "batch",
            "steps",
            "spoken"
          ])
  }
}

/** Minus the estimate of the gradient of what attempts are worth: a loss to be differentiated. */
const estimate = (
  model: Method.Model,
  estimator: Reinforce.Estimator.Estimator,
  attempts: Attempts,
  advantage: Tensor.Tensor<["batch"]>,
  ofWord: Tensor.Tensor<["batch", "steps"]>
): Tensor.Tensor<[]> => {
  const term = Reinforce.term({
    estimator,
    ratio: Reinforce.Ratio.none,
    clip: Reinforce.Clip.none,
    reduce: { tokens: Reinforce.Tokens.sum }
  })
  const each: any = Tensor.add(Tensor.expandDims(advantage, 1), Tensor.zeros([Tensor.dim(advantage, 0), count]))
  const { loss } = Reinforce.policyLoss(model, model.explore!, perStep, term, storedOf(attempts), {
    advantage: { latent: Tensor.fromNode(each.node, ["batch", "latents"]), written: advantage, texts: ofWord },
    kept: Tensor.onesLike(advantage),
    before: null,
    reference: null
  })
  return loss
}

const rowSums = (values: any): any => Tensor.sum(values, 1)
const allOf = (values: Tensor.Tensor<[number]>): Tensor.Tensor<[]> => Tensor.sum(values)

/** Padding is never written. */
const withoutPadding = (logits: any): any =>
  Tensor.where(Tensor.ne(Tensor.iota([vocabulary], 0), Tokenizer.special("<pad>")), logits, -1e9)

/** The probabilities of a first word, spelt from the first group. */
const firstWord = (model: Method.Model, latents: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>): any => {
  const groups = Tensor.stack(latents.slice(0, perStep), 1, "each")
  const everywhere = Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(groups, 2, 0), 0), 1), 0)
  const { hidden } = Context.prefill(model.speaker!, groups, everywhere).state
  return Tensor.softmax(withoutPadding(model.speaker!.logits(hidden)))
}

/**
 * What attempts with such noise are worth in the mean over all stops, symbols and words, stepped as rollouts are: nothing of
 * it is what estimators are made of.
 */
const expected = (
  model: Method.Model,
  noise: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>,
  rows: number
): Tensor.Tensor<[]> => {
  const decides = model.stop.logits !== null
  const ends = decides ? Array.from({ length: maxSteps + 1 }, (_, steps) => steps) : [maxSteps]
  let total: Tensor.Tensor<["batch"]> = named(Array(rows).fill(0), [rows], ["batch"])
  for (const steps of ends) {
    const taken = Rollout.take(
      { ...model, policy: model.explore! },
      askedBy(model, rows),
      { latents: "sampled", stops: "sampled", maxSteps, perStep, stepSymbols: 1 },
      (t) => ({
        noise: noise[t]!,
        uniform: named(Array(rows).fill(t === steps * perStep ? 0 : 1), [rows], ["batch"])
      })
    )
    const stop = (group: number) => taken.stopChances[group]!
    let chance: Tensor.Tensor<["batch"]> = named(Array(rows).fill(1), [rows], ["batch"])
    if (decides) {
      for (let group = 0; group < steps; group++) chance = Tensor.mul(chance, Tensor.sub(1, stop(group)))
      if (steps < maxSteps) chance = Tensor.mul(chance, stop(steps))
    }
    const start = Tensor.fullLike(taken.used, 3)
    const turned = Context.advance(taken.context, model.backbone.embed(start), Tensor.eq(start, start))
    const written: any = Tensor.softmax(withoutPadding(model.backbone.logits(turned.state.hidden)))
    const ofSymbols = named(worth.slice(steps * vocabulary, (steps + 1) * vocabulary), [vocabulary], ["vocabulary"])
    const gained: Tensor.Tensor<["batch"]> = rowSums(Tensor.mul(written, ofSymbols))
    total = Tensor.add(total, Tensor.mul(chance, gained))
    if (model.speaker !== null && steps > 0) {
      const ofWords = named(worthOfWord, [vocabulary], ["vocabulary"])
      const gained: Tensor.Tensor<["batch"]> = rowSums(Tensor.mul(firstWord(model, taken.latents), ofWords))
      total = Tensor.add(total, Tensor.mul(chance, gained))
    }
  }
  return Tensor.mean(total)
}

/** A direction in which derivatives are taken, one number for a whole gradient. */
const directionOf = (values: Program.AnyValues) => {
  const random = Key.draws(Key.fromSeed(21))
  return changed(values, () => random.uniform() - 0.5)
}

const along = (
  loss: (parameters: Program.AnyTensors) => Tensor.Tensor<[]>,
  values: Program.AnyValues,
  direction: Program.AnyValues
): Tensor.Tensor<[]> => {
  const { gradient } = valueAndGradWith((parameters: Program.AnyTensors) => [loss(parameters), {}] as const)(
    asTensors(values)
  )
  const own: ReadonlyArray<any> = takeApart(gradient, Tensor.isTensor, "").leaves
  const others: ReadonlyArray<any> = takeApart(asTensors(direction), Tensor.isTensor, "").leaves
  return own.map((leaf, i) => allOf(Tensor.mul(leaf, others[i]) as any)).reduce((sum, each) => Tensor.add(sum, each))
}

const tried: ReadonlyArray<readonly [string, Method.Method, boolean]> = [
  ["atp-latent", Methods.methods["atp-latent"], true],
  ["grpo", Methods.methods.grpo, true],
  ["mixtures", mixtures, false]
]

const noiseOf = (rows: number, seed: number) => {
  const random = Key.draws(Key.fromSeed(seed))
  return Array.from({ length: count }, () =>
    named(
      Array.from({ length: rows * width }, () => 2 * random.uniform() - 1),
      [rows, width],
      ["batch", "width"]
    )
  )
}

/** Every symbol that may be written. */
const symbols = Array.from({ length: vocabulary }, (_, symbol) => symbol).filter(
  (symbol) => symbol !== Tokenizer.special("<pad>")
)

/** Attempts of every kind, at both questions, each as likely as it is, with what it gains: a constant of the parameters. */
const enumeration = (
  put: (parameters: Program.AnyTensors) => Method.Model,
  values: Program.AnyValues,
  noise: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>,
  what: "symbols" | "words"
) => {
  const ends =
    put(asTensors(values)).stop.logits === null ? [maxSteps] : Array.from({ length: maxSteps + 1 }, (_, i) => i)
  const kinds = ends.flatMap((steps) =>
    symbols.flatMap((symbol) => [
      { steps, symbol },
      { steps, symbol }
    ])
  )
  const rows = kinds.length
  const spread = whole(
    kinds.map((_, i) => i % 2),
    [rows],
    ["batch"]
  ) as Tensor.Tensor<["batch"], "i32">
  const repeated = noise.map((each) => Tensor.take(each, spread))
  const stored: Attempts = {
    ...asked(rows),
    latents: repeated,
    noise: repeated,
    used: whole(
      kinds.map(({ steps }) => steps * perStep),
      [rows],
      ["batch"]
    ),
    // Of what is padding nothing is scored: where words differ all that is written after them is left out.
    symbol: whole(
      kinds.map(({ symbol }) => (what === "symbols" ? symbol : Tokenizer.special("<pad>"))),
      [rows],
      ["batch"]
    ),
    words:
      what === "symbols"
        ? null
        : whole(
            kinds.flatMap(({ symbol }) => Array.from({ length: maxSteps }, () => symbol)),
            [rows, maxSteps],
            ["batch", "steps"]
          )
  }
  const gains = kinds.map(({ steps, symbol }) =>
    what === "symbols" ? worth[steps * vocabulary + symbol]! : steps > 0 ? worthOfWord[symbol]! : 0
  )
  const model = put(asTensors(values))
  const { latent, texts, written } = reparameterised.chances(
    model,
    model.explore!,
    perStep,
    Reinforce.Coordinates.sum,
    storedOf(stored)
  )
  const first: any = texts === null ? 0 : Tensor.at(Tensor.at(texts.logProb, 2, 0), 1, 0)
  const chance = Tensor.exp(
    Tensor.add(Tensor.add(Tensor.sum(latent.logProb, [1, 2]), Tensor.sum(written.logProb, [1, 2])), first)
  )
  // Losses are means over attempts, and what is expected is one over questions.
  const weighed: any = Tensor.mul(
    chance,
    named(
      gains.map((gain) => (gain * rows) / 2),
      [rows],
      ["batch"]
    )
  )
  const ofFirst = named(
    kinds.flatMap(() => Array.from({ length: maxSteps }, (_, step) => (what === "words" && step === 0 ? 1 : 0))),
    [rows, maxSteps],
    ["batch", "steps"]
  )
  return {
    chance,
    loss: (parameters: Program.AnyTensors) =>
      estimate(
        put(parameters),
        reparameterised,
        stored,
        weighed,
        Tensor.mul(ofFirst, Tensor.expandDims(weighed, 1)) as any
      )
  }
}

test.each(tried)(
  "enumerated, the reparameterised estimate is the gradient of what is expected: %s",
  async (_, method, speaks) => {
    const values = lively(experiment, method)
    const direction = directionOf(values)
    const noise = noiseOf(2, 5)
    const put = (parameters: Program.AnyTensors) => method.put(parameters, sizes, exploration)
    const parts = (speaks ? (["symbols", "words"] as const) : (["symbols"] as const)).map((what) =>
      enumeration(put, values, noise, what)
    )
    const found = await numbers({
      chance: Tensor.sum(parts[0]!.chance),
      estimates: parts.map(({ loss }) => along(loss, values, direction)),
      truth: along((parameters) => expected(put(parameters), noise, 2), values, direction)
    })
    expect(found.chance.data[0]).toBeCloseTo(2, 4)
    const estimated = found.estimates.reduce((sum, { data }) => sum - data[0]!, 0)
    expect(Math.abs(found.truth.data[0]!)).toBeGreaterThan(1e-3)
    expect(estimated).toBeCloseTo(found.truth.data[0]!, 4)
  }
)

test("and that gradient is the slope of what is expected, in differences", async () => {
  const method: Method.Method = Methods.methods["atp-latent"]
  const values = lively(experiment, method)
  const direction = directionOf(values)
  const noise = noiseOf(2, 5)
  const worthAt = (parameters: Program.AnyTensors) => expected(method.put(parameters, sizes, exploration), noise, 2)
  const steps = takeApart(direction, Program.isHostTensor, "").leaves as ReadonlyArray<Program.HostTensor>
  const epsilon = 1e-4
  const moved = (by: number) => {
    let leaf = -1
    return asTensors(
      changed(values, (value, i) => {
        if (i === 0) leaf++
        return value + by * steps[leaf]!.data[i]!
      })
    )
  }
  const { ahead, behind, slope } = await numbers({
    ahead: worthAt(moved(epsilon)),
    behind: worthAt(moved(-epsilon)),
    slope: along(worthAt, values, direction)
  })
  expect((ahead.data[0]! - behind.data[0]!) / (2 * epsilon)).toBeCloseTo(slope.data[0]!, 2)
})

const rows = 64
const draws = 40

/** Estimates from attempts that are drawn as rollouts draw them, beside what is expected with the same noise. */
const drawn = (method: Method.Method, values: Program.AnyValues) =>
  Effect.gen(function* () {
    const direction = directionOf(values)
    const put = (parameters: Program.AnyTensors) => method.put(parameters, sizes, exploration)
    const program = yield* Program.make(
      (key: Tensor.Tensor<[2], "i32">) => {
        const model = put(asTensors(values))
        const at = (t: number): any => Random.foldIn(key as Random.Key, t)
        const noise = Array.from({ length: count }, (_, t) =>
          Tensor.fromNode<["batch", "width"], "f32">(Random.normal(at(t), [rows, width]).node, ["batch", "width"])
        )
        const uniform = (t: number) => Tensor.fromNode<["batch"], "f32">(Random.uniform(at(t), [rows]).node, ["batch"])
        const taken = Rollout.take(
          { ...model, policy: model.explore! },
          askedBy(model, rows),
          { latents: "sampled", stops: "sampled", maxSteps, perStep, stepSymbols: 1 },
          (t) => ({ noise: noise[t]!, uniform: uniform(100 + t) })
        )
        const start = Tensor.fullLike(taken.used, Tokenizer.special("<eot>"))
        const turned = Context.advance(taken.context, model.backbone.embed(start), Tensor.eq(start, start))
        const symbol = Rollout.sampledSymbol(model.backbone.logits(turned.state.hidden), uniform(200))
        const word: any =
          model.speaker === null
            ? null
            : Rollout.sampledSymbol(Tensor.log(firstWord(model, taken.latents)) as any, uniform(300))
        const steps = Tensor.cast(Tensor.floor(Tensor.mul(Tensor.cast(taken.used, "f32"), 1 / perStep)), "i32")
        const table = named(worth, [worth.length], ["worth"]) as Tensor.Tensor<["worth"]>
        const gained: any = Tensor.take(table, Tensor.add(Tensor.mul(steps, vocabulary), symbol) as any)
        const said: any =
          word === null
            ? Tensor.mul(gained, 0)
            : Tensor.where(Tensor.gt(taken.used, 0), Tensor.take(named(worthOfWord, [vocabulary], ["worth"]), word), 0)
        // Any constant may be taken off: it is not what is expected of the gradient.
        const advantage: any = Tensor.sub(Tensor.add(gained, said), 0.3)
        const first = named(
          Array.from({ length: rows * maxSteps }, (_, i) => Number(i % maxSteps === 0)),
          [rows, maxSteps],
          ["batch", "steps"]
        )
        const attempts: Attempts = {
          ...asked(rows),
          latents: taken.latents,
          noise,
          used: taken.used,
          symbol,
          words:
            word === null
              ? null
              : (Tensor.fromNode(
                  Tensor.add(Tensor.mul(Tensor.cast(first, "i32"), 0), Tensor.expandDims(word, 1)).node,
                  ["batch", "steps"]
                ) as any)
        }
        const ofWord: any = Tensor.mul(first, Tensor.expandDims(said, 1))
        const by = (estimator: Reinforce.Estimator.Estimator, latents = attempts.latents) =>
          Tensor.neg(
            along(
              (parameters) => estimate(put(parameters), estimator, { ...attempts, latents }, advantage, ofWord),
              values,
              direction
            )
          )
        return {
          pathwise: by(reparameterised),
          score: by(scoreFunction),
          // What the score function says where the density of latents is left out.
          held: Tensor.neg(
            along(
              (parameters) =>
                estimate(
                  { ...put(parameters), explore: still(put(asTensors(values))) },
                  scoreFunction,
                  attempts,
                  advantage,
                  ofWord
                ),
              values,
              direction
            )
          ),
          truth: along((parameters) => expected(put(parameters), noise, rows), values, direction)
        }
      },
      Program.spec([2], "i32")
    )
    const found: Array<Readonly<Record<"held" | "pathwise" | "score" | "truth", number>>> = []
    for (let draw = 0; draw < draws; draw++) {
      const one = yield* program(Key.words(Key.derive(Key.fromSeed(17), draw)))
      const of = (name: keyof typeof one) => one[name].data[0]!
      found.push({ pathwise: of("pathwise"), score: of("score"), held: of("held"), truth: of("truth") })
    }
    return found
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)

/** What a model explores with, as a constant of the parameters: nothing is learnt through its density. */
const still = (model: Method.Model): Method.Model["explore"] => {
  const policy = model.explore!
  return {
    ...policy,
    dist: (hidden) => {
      const dist = policy.dist(hidden)
      if (!("at" in dist)) return dist
      return {
        ...dist,
        logProb: (action: Parameters<NonNullable<typeof dist.logProb>>[0]) => stopGradient(dist.logProb!(action))
      }
    }
  }
}

const mean = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / xs.length
/** How many standard errors a mean is from 0. */
const apart = (xs: ReadonlyArray<number>): number => {
  const centre = mean(xs)
  const deviation = Math.sqrt(xs.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (xs.length - 1))
  return Math.abs(centre) / (deviation / Math.sqrt(xs.length))
}

test("over many draws both estimators give what is expected, and one that leaves latents out does not", async () => {
  const method: Method.Method = Methods.methods["atp-latent"]
  const found = await drawn(method, lively(experiment, method))
  const error = (name: "held" | "pathwise" | "score") => found.map((each) => each[name] - each.truth)
  expect(apart(error("pathwise"))).toBeLessThan(4)
  expect(apart(error("score"))).toBeLessThan(4)
  expect(apart(error("held"))).toBeGreaterThan(4)
  const spread = (name: "pathwise" | "score") => mean(error(name).map((x) => x ** 2))
  expect(spread("pathwise")).toBeLessThan(spread("score") / 4)
})
