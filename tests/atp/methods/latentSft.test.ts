/** Latent-SFT: masks and positions as data, what leaks through them, and what is taught. */
import { type Program, Random, Tensor } from "@noema/tensor"
import { Method, Methods as Public, Pipeline, Task } from "@noema/atp"
import fc from "fast-check"
import { join } from "node:path"
import { expect, test } from "vitest"
import { latentSft } from "../../../packages/atp/src/methods/latentSft.ts"
import {
  induction,
  inducedPosition,
  maskOf,
  type Place,
  supervisedPosition,
  supervision
} from "../../../packages/atp/src/layout/masks.ts"
import { Context, Experiment, Key, Methods, Objective, type Part, Tokenizer, WeightsFile } from "../inside.ts"
import { fresh, run, tiny } from "../pipeline/small.ts"
import { asTensors, batchOf, farthest, lively, numbers, put, small } from "../small.ts"

const experiment = small()
const { sizes } = experiment
const method = Methods.methods["latent-sft"]
const [phase] = Experiment.phasesOf(experiment, method)
const form = phase!.drawn![0]!
const { batch, packed } = batchOf(experiment, method, { ...phase!, ...form })

/** q q | s0 s0 s1 s1 s2 s2 | z0 z1 z2 | t, with the pieces of two symbols each. */
const twelve: ReadonlyArray<Place> = [
  { role: "prefix", at: 0 },
  { role: "prefix", at: 1 },
  ...[0, 1, 2].flatMap((group): ReadonlyArray<Place> => [0, 1].map((at) => ({ role: "text", group, at }))),
  ...[0, 1, 2].map((group): Place => ({ role: "latent", group })),
  { role: "tail", at: 0 }
]
const drawn = (mask: ReadonlyArray<ReadonlyArray<boolean>>) => mask.map((row) => row.map(Number).join(""))

test("both masks are those that were written by hand for twelve places", () => {
  expect(drawn(maskOf(twelve, supervision))).toEqual([
    "100000000000",
    "110000000000",
    "001000000000",
    "001100000000",
    "000010001000",
    "000011001000",
    "000000100100",
    "000000110100",
    "110000001000",
    "110000001100",
    "110000001110",
    "110000001111"
  ])
  expect(drawn(maskOf(twelve, induction))).toEqual([
    "100000000000",
    "110000000000",
    "111000000000",
    "111100000000",
    "111110000000",
    "111111000000",
    "111111100000",
    "111111110000",
    "111100001000",
    "111111000100",
    "111111110010",
    "000000000000"
  ])
})

test("latents stand behind their pieces for the encoder, and on a track of their own for the model", () => {
  const behind = twelve.slice(2, 11)
  expect(behind.map((place) => inducedPosition(place, 2))).toEqual([0, 1, 3, 4, 6, 7, 2, 5, 8])
  // The text of a piece goes on from the latent before it, which stands at one less than its number.
  expect(behind.map(supervisedPosition)).toEqual([0, 1, 1, 2, 2, 3, 0, 1, 2])
})

test("states change only where the mask says that the changed place is seen, through any number of layers", async () => {
  const { backbone } = put(experiment, Methods.methods.coconut)
  const { width } = sizes
  await fc.assert(
    fc.asyncProperty(
      fc.nat(99),
      fc.nat(twelve.length - 1),
      fc.constantFrom(supervision, induction),
      async (seed, at, sees) => {
        const random = Key.draws(Key.fromSeed(seed))
        const mask = maskOf(twelve, sees)
        const data = Float32Array.from({ length: 12 * width }, () => 2 * random.uniform() - 1)
        const other = data.map((value, i) => (Math.floor(i / width) === at ? value + 1 : value))
        const states = (rows: Float32Array) =>
          Context.readBy(
            backbone,
            Tensor.fromNode<[1, "rows", "width"], "f32">(Tensor.fromArray(rows, [1, 12, width]).node, [
              1,
              "rows",
              "width"
            ]),
            {
              valid: Tensor.fromNode<[1, "rows"], "bool">(Tensor.fromArray([twelve.map(() => true)]).node, [1, "rows"]),
              positions: Tensor.fromNode<[1, "rows"], "i32">(
                Tensor.fromArray(Int32Array.from(twelve, supervisedPosition), [1, 12]).node,
                [1, "rows"]
              ),
              visible: Tensor.fromNode<["rows", "rows"], "bool">(Tensor.fromArray(mask.map((row) => [...row])).node, [
                "rows",
                "rows"
              ])
            }
          )
        const [own, changed] = await numbers([states(data), states(other)])
        // One layer of attention: what is seen is seen at once.
        twelve.forEach((_, place) => {
          const [a, b] = [own!, changed!].map(({ data }) => data.slice(place * width, (place + 1) * width))
          if (place === at || mask[place]![at]!) expect(farthest(a!, b!)).toBeGreaterThan(1e-6)
          else if (mask[place]!.some(Boolean)) expect(farthest(a!, b!)).toBe(0)
        })
      }
    ),
    { numRuns: 20 }
  )
})

const parts = (values = lively(experiment, method)) => {
  const tensors = asTensors(values)
  const model = method.put(tensors, sizes)
  const use = (part: string) =>
    method.parts[part]!.use(tensors[part] as Program.AnyTensors, { sizes, backbone: model.backbone })
  return { model, encoder: use("encoder") as Part.Backbone, compress: use("compress") as Part.Marks }
}

test("what is taught is a distribution over few symbols, of the text up to its own piece and of nothing behind it", async () => {
  const own = parts()
  const last = batch.groups.sizes[1]! - 2
  const changed = Tensor.where(
    Tensor.eq(Tensor.iota([Tensor.dim(batch.groups, 1), Tensor.dim(batch.groups, 2)], 0), last),
    Tensor.where(Tensor.eq(batch.groups, 9), 10, Tensor.fullLike(batch.groups, 9)),
    batch.groups
  )
  const found = await numbers({
    taught: Objective.taught(own, batch, 3),
    other: Objective.taught(own, { ...batch, groups: Tensor.fromNode(changed.node, ["batch", "steps", "symbols"]) }, 3)
  })
  const [rows, steps] = [4, batch.groups.sizes[1]!]
  for (let row = 0; row < rows; row++)
    for (let step = 0; step < packed[row]!.needed; step++) {
      const at = (row * steps + step) * sizes.vocabulary
      const alpha = Array.from(found.taught.data.slice(at, at + sizes.vocabulary))
      expect(alpha.filter((each) => each > 0)).toHaveLength(3)
      expect(alpha.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5)
      if (step < last) expect(farthest(alpha, found.other.data.slice(at, at + sizes.vocabulary))).toBe(0)
    }
})

test("the divergence from what is taught is 0 where the model would write that, and above it elsewhere", async () => {
  const own = parts()
  const term = Objective.sparseKl(1, 3)
  const thought = Objective.tell(own.model, batch, Tensor.zeros([2], "i32")).thought!
  const teacher = Objective.taught(own, batch, 3)
  const agreeing = {
    ...own.model,
    backbone: { ...own.model.backbone, logits: () => Tensor.log(Tensor.maximum(teacher, 1e-30)) as never }
  }
  const happened = Objective.tell(own.model, batch, Tensor.zeros([2], "i32"))
  const [same, apart] = await numbers([
    term.loss({ ...happened, thought, model: agreeing }, own)!,
    term.loss(happened, own)!
  ])
  expect(Math.abs(same!.data[0]!)).toBeLessThan(1e-5)
  expect(apart!.data[0]).toBeGreaterThan(0.01)
})

test("pieces are read from the latents before them: with others in their place they are something else", async () => {
  const { model } = parts()
  const happened = Objective.tell(model, batch, Tensor.zeros([2], "i32"))
  const term = Objective.pieces(1)
  const zeroed = { ...happened.thought!, latents: Tensor.mul(happened.thought!.latents, 0) }
  const [own, other] = await numbers([
    term.loss(happened, undefined)!,
    term.loss({ ...happened, thought: zeroed }, undefined)!
  ])
  expect(own!.data[0]).not.toBeCloseTo(other!.data[0]!, 3)
})

test("the encoder begins as the model of written chains, learns with the model, and then stays as it is", async () => {
  const folder = fresh()
  await run(
    Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method: Public.latentSft, ...tiny })
      .pipe(Pipeline.supervise())
      .into(folder)
  )
  const partsOf = async (stage: string) => {
    const { tensors } = await run(WeightsFile.loadWeights(join(folder, `${stage}.safetensors`)))
    return (part: string) =>
      [...tensors].flatMap(([name, { data }]) =>
        new RegExp(`^(trainable|frozen).${part}\\.`).test(name) ? [...data] : []
      )
  }
  const [warm, encoder, own] = [
    await partsOf("warm-start"),
    await partsOf("latent-sft-encoder"),
    await partsOf("latent-sft")
  ]
  const moved = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => farthest(a, b)
  expect(encoder("encoder")).toHaveLength(warm("backbone").length)
  // A few updates of Adam move a number by its rate each, and no further.
  expect(moved(encoder("encoder"), warm("backbone"))).toBeGreaterThan(0)
  expect(moved(encoder("encoder"), warm("backbone"))).toBeLessThan(0.05)
  expect(own("encoder")).toEqual(encoder("encoder"))
  expect(own("backbone")).not.toEqual(encoder("backbone"))
  expect(latentSft.frozen).toEqual(["encoder", "compress"])
})

test("noise on what is fed keeps the symbols of a mixture and moves their shares, and never makes it one that ends latents", async () => {
  const own = parts()
  const alphaOf = (noise: Objective.Disturbance | null) => {
    // Rows of a table that is the identity are the mixtures themselves.
    const table: any = Tensor.fromNode(
      Tensor.fromArray(
        Float32Array.from({ length: sizes.vocabulary ** 2 }, (_, i) => Number(i % (sizes.vocabulary + 1) === 0)),
        [sizes.vocabulary, sizes.vocabulary]
      ).node,
      ["vocabulary", "width"]
    )
    return Objective.superposed({ ...own, backbone: { ...own.model.backbone, table } }, batch, 3, noise)
  }
  const [calm, some, same, other, little] = await numbers([
    alphaOf(null),
    alphaOf({ key: Random.key(1) }),
    alphaOf({ key: Random.key(1) }),
    alphaOf({ key: Random.key(2) }),
    alphaOf({ key: Random.key(1), scale: 1e-4 })
  ])
  expect(farthest(some!.data, same!.data)).toBe(0)
  expect(farthest(some!.data, other!.data)).toBeGreaterThan(0.01)
  expect(farthest(some!.data, calm!.data)).toBeGreaterThan(0.01)
  expect(farthest(little!.data, calm!.data)).toBeLessThan(1e-3)
  const { vocabulary } = sizes
  const end = Tokenizer.special("<eot>")
  for (let at = 0; at < calm!.data.length; at += vocabulary) {
    const [before, after] = [calm!, some!].map(({ data }) => Array.from(data.slice(at, at + vocabulary)))
    expect(after!.map((each) => each > 0)).toEqual(before!.map((each) => each > 0))
    const isTop = (shares: ReadonlyArray<number>) => shares[end] === Math.max(...shares)
    if (!isTop(before!)) expect(isTop(after!)).toBe(false)
  }
  expect(() => alphaOf({ key: Random.key(1), scale: 0 })).toThrow("noise on mixtures needs a scale above 0, found 0")
})

test("a variant is trained on mixtures with noise, drawn anew for every pass", async () => {
  const stirred = Method.variant(Public.latentSft, {
    name: "Latent-SFT, stirred",
    summary: "reads mixtures with Gumbel noise",
    given:
      (parts) =>
      (taught, { key }) =>
        Objective.superposed(parts, taught, 3, key === undefined ? null : { key })
  })
  const model = stirred.put(asTensors(lively(experiment, latentSft)), sizes)
  const rows = (key: number) => Objective.tell(model, batch, Random.key(key)).thought!.latents
  const [one, again, two] = await numbers([rows(1), rows(1), rows(2)])
  expect(farthest(one!.data, again!.data)).toBe(0)
  expect(farthest(one!.data, two!.data)).toBeGreaterThan(1e-4)
})
