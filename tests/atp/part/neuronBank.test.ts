/** A backbone whose latents are no rows: what they change, and what is seen of it. */
import {
  Context,
  Experiment,
  Judge,
  Key,
  Method,
  Methods,
  Objective,
  Part,
  Policy,
  Stop,
  Supervised
} from "../inside.ts"
import { Layout, Pipeline, Task } from "@noema/atp"
import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { type Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { run, tiny } from "../pipeline/small.ts"
import { asTensors, batchOf, farthest, holdSmall, lively, numbers, onReference, put, small } from "../small.ts"

const experiment = small()
const { sizes } = experiment
const { marcos } = Methods.methods
const values = lively(experiment, marcos)
const model = put(experiment, marcos, values)
const phase = { name: "steps", latentSteps: 3, text: "none", updates: 1 } as const
const rows = 3
const { batch } = batchOf(experiment, marcos, phase, experiment.subject.train.slice(0, rows))
const asked = Objective.ask(model, batch.question)
const everyone = Tensor.eq(batch.needed, batch.needed)

const drawn = (seed: number): Tensor.Tensor<["batch", "width"]> => {
  const random = Key.draws(Key.fromSeed(seed))
  const data = Float32Array.from({ length: rows * sizes.width }, () => 2 * random.uniform() - 1)
  return Tensor.fromNode(Tensor.fromArray(data, [rows, sizes.width]).node, ["batch", "width"])
}
const shownBehind = (latents: ReadonlyArray<Tensor.Tensor<["batch", "width"]>>, kept = () => everyone) => {
  let context = asked
  return latents.map((latent) => {
    context = Context.behindLatent(context, latent, kept())
    return context.mind!.shown
  })
}

test("a latent changes what its own step and later ones show, and nothing before", async () => {
  const latents = [1, 2, 3].map(drawn)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 4, max: 99 }), async (at, seed) => {
      const other = latents.map((latent, t) => (t === at ? drawn(seed) : latent))
      const [own, changed] = await numbers([shownBehind(latents), shownBehind(other)] as const)
      own.forEach(({ data }, t) => {
        const apart = farthest(data, changed[t]!.data)
        // The random rows stand behind those that are shown: these see them all the same.
        if (t < at) expect(apart).toBe(0)
        else expect(apart).toBeGreaterThan(1e-6)
      })
    }),
    { numRuns: 4 }
  )
})

test("steps are a Markov chain: what is shown next depends on the bank, the question and the latent alone", async () => {
  // Two ways to the same bank, one of which had latents that were not kept.
  const none = Tensor.not(everyone)
  const once = Context.behindLatent(asked, drawn(1), everyone)
  const passing = Context.behindLatent(Context.behindLatent(asked, drawn(7), none), drawn(1), everyone)
  const [straight, around] = await numbers(
    [once, passing].map((context) => Context.behindLatent(context, drawn(2), everyone).mind!.shown)
  )
  expect(farthest(straight!.data, around!.data)).toBe(0)
})

test("attempts at questions think as the questions do", async () => {
  const which: Tensor.Tensor<["attempts"], "i32"> = Tensor.fromNode(
    Tensor.fromArray(Int32Array.of(2, 0, 2, 1), [4]).node,
    ["attempts"]
  )
  const after = Context.attemptsAt(Context.behindLatent(asked, drawn(1), everyone), which)
  const before = Context.behindLatent(
    Context.attemptsAt(asked, which),
    Tensor.take(drawn(1), which),
    Tensor.eq(which, which)
  )
  const [one, other] = await numbers(
    [after, before].map(({ mind, state }) => [mind!.shown, state.hidden, state.cache[0]!.key] as const)
  )
  one!.forEach(({ data }, i) => expect(farthest(data, other![i]!.data)).toBeLessThan(1e-12))
})

/** Minus log N(x; mean, exp(logVariance)), by the standard formula. */
const surprise = (x: number, mean: number, logVariance: number): number =>
  0.5 * (logVariance + (x - mean) ** 2 * Math.exp(-logVariance) + Math.log(2 * Math.PI))

test("the prior learns the standard density of what is given, and nothing else learns of it", async () => {
  const form = { latentSteps: 3, perStep: 1 }
  const gradient = valueAndGrad((parameters: Program.AnyTensors) => {
    const model = marcos.put(parameters, sizes)
    const draw = Objective.drawnIn(model, batch, form, ({ mode }) => mode)
    return Objective.prior(1).loss(Objective.think(model, batch, form, draw), undefined)!
  })(asTensors(values))
  const draw = Objective.drawnIn(model, batch, form, ({ mode }) => mode)
  const { latents, states } = Objective.think(model, batch, form, draw).thought!
  const { at } = Part.priorHead().use(asTensors(values)["prior"] as never, { sizes, backbone: model.backbone })
  const { logVariance, mean } = at(states)
  const host = await numbers({ latents, logVariance, mean })
  const learnt = await numbers(gradient)
  const each = Array.from(host.latents.data, (x, i) => surprise(x, host.mean.data[i]!, host.logVariance.data[i]!))
  expect(learnt.value.data[0]).toBeCloseTo(each.reduce((sum, one) => sum + one, 0) / each.length, 6)
  const sizeOf = (tree: unknown): number =>
    tree !== null && typeof tree === "object"
      ? "data" in tree
        ? Array.from(tree.data as Float64Array).reduce((sum, one) => sum + Math.abs(one), 0)
        : Object.values(tree).reduce<number>((sum, branch) => sum + sizeOf(branch), 0)
      : 0
  for (const [part, of] of Object.entries(learnt.gradient)) {
    if (part === "prior") expect(sizeOf(of)).toBeGreaterThan(0)
    else expect([part, sizeOf(of)]).toEqual([part, 0])
  }
})

test("a phase moves the parts that it names and leaves the others as they are", async () => {
  for (const learns of [["prior"], ["backbone", "posterior", "sparse"]]) {
    const moved = await onReference(
      Effect.gen(function* () {
        const held = yield* holdSmall(
          experiment,
          marcos,
          values,
          Optimiser.adamw({ learningRate: 1e-2, weightDecay: 0.1 })
        )
        const phases = [{ ...phase, updates: 2, learns }]
        const options = Experiment.supervisedOptions(experiment, marcos, phases, "phases")
        yield* Stream.runDrain(Supervised.supervised(held, options))
        const after = (yield* Resident.get(held.state)).trainable as Program.AnyValues
        return Object.keys(after).filter((part) => JSON.stringify(after[part]) !== JSON.stringify(values[part]))
      })
    )
    expect(new Set(moved)).toEqual(new Set(learns))
  }
})

test("a symbol that is said at once depends on no other symbol of its text, and one after the other it does", async () => {
  const { writer, text } = { writer: model.backbone, text: batch.groups }
  const shown = shownBehind([drawn(1)])[0]!
  const first: Tensor.Tensor<["batch", "symbols"], "i32"> = Tensor.at(text, 1, 0)
  const { vocabulary } = sizes
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: first.sizes[1]! - 1 }), fc.nat(vocabulary - 1), async (at, symbol) => {
      const place = Tensor.iota([Tensor.dim(first, 1)], 0)
      const other = Tensor.where(Tensor.eq(place, at), symbol, first)
      const chances = (of: typeof first) => [
        Objective.saidAtOnce(writer, shown, of),
        Objective.spelt(writer, shown, of)
      ]
      const [own, changed, symbols] = await numbers([chances(first), chances(other), [first, other]] as const)
      const length = first.sizes[1]!
      for (let i = 0; i < rows * length; i++) {
        const isSame = symbols[0]!.data[i] === symbols[1]!.data[i]
        if (isSame) expect(changed[0]!.data[i]).toBeCloseTo(own[0]!.data[i]!, 12)
        // Symbols behind the one that is another are told of it.
        const [row, j] = [Math.floor(i / length), i % length]
        if (isSame && j > at && symbols[0]!.data[row * length + at] !== symbol)
          expect(changed[1]!.data[i]).not.toBe(own[1]!.data[i])
      }
    }),
    { numRuns: 6 }
  )
})

test("a controlled weight rises while it is too little, falls while it is too much, and stays within its bounds", async () => {
  const bounds = { first: 1e-2, least: 1e-3, most: 1e-1 }
  const part = Part.multiplier(bounds)
  const pullAt = valueAndGrad((log: Tensor.Tensor<[]>, excess: Tensor.Tensor<[]>) =>
    part.use({ log }, { sizes, backbone: model.backbone }).rising(excess)
  )
  await fc.assert(
    fc.asyncProperty(
      fc
        .double({ min: -9, max: 0, noNaN: true })
        .filter((x) => [1e-3, 1e-1].every((bound) => Math.abs(x - Math.log(bound)) > 1e-5)),
      fc.double({ min: -5, max: 5, noNaN: true }).filter((x) => Math.abs(x) > 1e-3),
      async (log, excess) => {
        const given = Tensor.scalar(log)
        const { weight } = part.use({ log: given }, { sizes, backbone: model.backbone })
        const host = await numbers({ weight, ...pullAt(given, Tensor.scalar(excess)) })
        expect(Math.abs(host.value.data[0]!)).toBe(0)
        expect(host.weight.data[0]).toBeCloseTo(Math.min(Math.max(Math.exp(log), 1e-3), 1e-1), 6)
        const isFree = excess > 0 ? log < Math.log(1e-1) : log > Math.log(1e-3)
        // Downhill is where the weight goes.
        expect(-host.gradient.data[0]! * Math.sign(excess) > 0).toBe(isFree)
      }
    ),
    { numRuns: 30 }
  )
  for (const wrong of [
    { ...bounds, least: 0 },
    { ...bounds, first: 1 }
  ])
    expect(() => Part.multiplier(wrong)).toThrow("a multiplier begins above 0 and within its bounds")
})

test("a causal card is of methods whose latents are all that is thought", () => {
  const refusal = ({ method }: { readonly method: Method.Method }) =>
    Judge.refusalOfCard({ method, sizes, names: method.names(sizes) })
  const { coconut, colt, cot } = Methods.methods
  expect(refusal({ method: coconut })).toBeNull()
  expect(refusal({ method: cot })).toBe("CoT-SFT has no latents to be changed")
  expect(refusal({ method: colt })).toBe("the thoughts of CoLT are texts, and its latents only call for them")
  expect(refusal({ method: marcos })).toBe(
    "the thoughts of MARCOS are a state of its backbone, and its latents only turn it into the next one"
  )
})

const bank = {
  name: "Mine",
  summary: "a method on a bank",
  backbone: Part.neuronBank({ deep: 1, shallow: 2, random: 1 }),
  parts: { steps: Part.stateDecoder() },
  policy: () => Policy.hiddenState,
  stop: () => Stop.fixedCount,
  layout: Layout.stages(),
  objective: [Objective.text(1)]
} as const

test.each([
  [
    "a tool on a backbone whose latents are no rows",
    Method.method({
      ...bank,
      tool: ({ steps }) => steps,
      objective: [Objective.text(1), Objective.calling(1, "steps")]
    }),
    "Mine: text goes back into a context of rows, and latents of this backbone are none; expected no tool, or another backbone"
  ],
  [
    "a compressed chain on it",
    Method.method({ ...bank, layout: Layout.compressed({ factors: [2], used: 2 }) }),
    "Mine: compressed chains expect latents that are rows of a sequence; those of this backbone are none"
  ],
  [
    "a phase of a part that is not there",
    Method.method({
      ...bank,
      layout: {
        ...Layout.stages(),
        phases: (budget) =>
          Layout.stages()
            .phases(budget)
            .map((each) => ({ ...each, learns: ["head"] }))
      }
    }),
    'Mine: in the phase "stage 1" the part head is to learn; the method has backbone, steps'
  ],
  [
    "a prior of a policy without a density",
    Method.method({ ...bank, objective: [Objective.text(1), Objective.prior(1)] }),
    'Mine: the term prior expects a policy with a density, found "hidden state"'
  ]
])("%s is refused in a sentence", async (_, method, message) => {
  const wrong = Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method, ...tiny })
  const error = await run(Effect.flip(wrong.pipe(Pipeline.supervise()).run()))
  expect(error.message).toBe(message)
})
