/** Terms of objectives on a small model: gradients, and what each of them looks at. */
import { Key, Layout, type Method, Methods, Objective, Part } from "../inside.ts"
import { valueAndGrad } from "@noema/autodiff"
import { Program, Random, Tensor } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import { expect, test } from "vitest"
import { asTensors, batchOf, changed, farthest, integers, lively, mixtures, numbers, put, small } from "../small.ts"

const experiment = small()
const { budget, config, sizes } = experiment
const { perStep } = config.model
const method = Methods.methods["atp-latent"]
const values = lively(experiment, method)
const phase = { name: "answers", latentSteps: budget.maxSteps, text: "none" as const, updates: 1 }
const { batch, packed } = batchOf(experiment, method, phase)
const key = Random.key(5)
const sampled: Objective.Draw = (dist, t) => dist.at(Random.normalLike(Random.foldIn(key, t), dist.mode))

test.each<[string, Method.Method]>([
  ["atp-latent", Methods.methods["atp-latent"]],
  ["sim-cot", Methods.methods["sim-cot"]],
  ["mixtures", mixtures]
])(
  "gradients of %s through latents agree with finite differences, for every part of the model",
  async (_, method) => {
    const values = lively(experiment, method)
    const one = { ...phase, latentSteps: 1 }
    const { batch } = batchOf(experiment, method, one)
    const loss = (parameters: Program.AnyTensors) => {
      const model = method.put(parameters, sizes)
      return Objective.objectiveOf(model, Objective.think(model, batch, { latentSteps: 1, perStep }, sampled)).total
    }
    const { gradient } = valueAndGrad(loss)(asTensors(values))
    const { leaves, paths } = takeApart(gradient, Tensor.isTensor, "")
    const random = Key.draws(Key.fromSeed(1))
    const checked = new Set(paths.map((path) => path.split(".")[0]!))
    for (const part of checked) {
      const own = paths.flatMap((path, i) => (path.startsWith(`${part}.`) ? [i] : []))
      const at = own[Math.floor(random.uniform() * own.length)]!
      const path = paths[at]!
      const slope = leaves[at] as Tensor.Tensor
      const direction = Float32Array.from(
        { length: slope.sizes.reduce((n, size) => n * size, 1) },
        () => random.uniform() - 0.5
      )
      const eps = 2 ** -9
      const moved = (by: number) =>
        loss(asTensors(changed(values, (value, i, each) => (each === path ? value + by * direction[i]! : value))))
      const along = Tensor.sum(Tensor.mul(slope, Tensor.fromArray(direction, slope.sizes) as Tensor.Tensor))
      const [analytic, up, down] = await numbers([along, moved(eps), moved(-eps)])
      const numeric = (up!.data[0]! - down!.data[0]!) / (2 * eps)
      expect(Math.abs(analytic!.data[0]! - numeric) / Math.max(1e-2, Math.abs(numeric)), path).toBeLessThan(2e-2)
    }
  },
  60_000
)

test("latents hidden behind a stop give the answer logits that leaving the loop gives", async () => {
  const model = put(experiment, method, values)
  const one = { ...batch, needed: integers({ data: Int32Array.of(1, 1, 1, 1), shape: [4] }, ["batch"]) }
  const masked = Objective.think(model, one, { latentSteps: budget.maxSteps, perStep }, sampled)
  const left = Objective.think(model, one, { latentSteps: 1, perStep }, sampled)
  const [a, b] = await numbers([masked.tail.logits, left.tail.logits])
  expect(farthest(a!.data, b!.data)).toBeLessThan(1e-9)
})

const speakerOf = (parameters: Program.AnyTensors): Part.Speaker => method.put(parameters, sizes).speaker!
const latentsOf = (seed: number, rows: number): Tensor.Tensor<["rows", "each", "width"]> =>
  Tensor.fromNode(Random.normal(Random.key(seed), [rows, perStep, sizes.width]).node, ["rows", "each", "width"])
const textOf = (rows: ReadonlyArray<ReadonlyArray<number>>) =>
  integers(Layout.padded(rows, Math.max(...rows.map((row) => row.length)), "right"), ["rows", "symbols"])

test("the step decoder depends on its own latents and on nothing else", async () => {
  const speaker = speakerOf(asTensors(values))
  const latents = latentsOf(3, 2)
  const swapped = Tensor.flip(latents, 0)
  const [text] = packed[0]!.groups
  const both = textOf([text!, text!])
  const only: Tensor.Tensor<["rows", "each", "width"]> = Tensor.fromNode(Tensor.slice(latents, 0, [0, 1]).node, [
    "rows",
    "each",
    "width"
  ])
  const [own, alone, other] = await numbers([
    Objective.negativeLogLikelihood(speaker, latents, both),
    Objective.negativeLogLikelihood(speaker, only, textOf([text!])),
    Objective.negativeLogLikelihood(speaker, swapped, both)
  ])
  expect(own!.data[0]).toBeCloseTo(alone!.data[0]!, 9)
  expect(other!.data[1]).toBeCloseTo(own!.data[0]!, 9)
  expect(Math.abs(own!.data[0]! - own!.data[1]!)).toBeGreaterThan(1e-6)
})

test("with the latents held, the decoder's loss does not change with the question, and with them free it does", async () => {
  const model = put(experiment, method, values)
  const length = batch.question.sizes[1]!
  const others = packed.map(({ question }) => [...question.slice(0, -1).toReversed(), question.at(-1)!])
  const permuted = { ...batch, question: integers(Layout.padded(others, length, "left"), ["batch", "question"]) }
  const held: Objective.Draw = (dist) => Random.normalLike(key, dist.mode)
  const stepsOf = (draw: Objective.Draw, of: typeof batch) => {
    const happened = Objective.think(model, of, { latentSteps: budget.maxSteps, perStep }, draw)
    return Objective.objectiveOf(model, happened).terms["steps"]!
  }
  const [fixed, fixedPermuted, free, freePermuted] = await numbers([
    stepsOf(held, batch),
    stepsOf(held, permuted),
    stepsOf(sampled, batch),
    stepsOf(sampled, permuted)
  ])
  expect(fixedPermuted!.data[0]).toBe(fixed!.data[0])
  expect(Math.abs(freePermuted!.data[0]! - free!.data[0]!)).toBeGreaterThan(1e-6)
})

test("CODI's states before the answer, after latents and after the chain, are drawn together and the teacher is held", async () => {
  const codi = Methods.methods.codi
  const start = lively(experiment, codi)
  const { batch } = batchOf(experiment, codi, phase)
  const distilled = (parameters: Program.AnyTensors) => {
    const model = codi.put(parameters, sizes)
    const happened = Objective.think(model, batch, { latentSteps: budget.maxSteps, perStep }, (dist) => dist.mode)
    return Objective.distillation(1).loss(happened, undefined)!
  }
  const { gradient, value } = valueAndGrad(distilled)(asTensors(start))
  const projection = takeApart(gradient["projection"], Tensor.isTensor, "").leaves.map((leaf) =>
    Tensor.sum(Tensor.square(leaf as Tensor.Tensor))
  )
  const found = await numbers({ value, projection })
  expect(found.value.data[0]).toBeGreaterThan(0)
  expect(found.projection.every(({ data }) => data[0]! > 0)).toBe(true)
})
