/** Operations written over the primitives: the important ones, as users call them. */
import { grad } from "@noema/autodiff"
import { Random, type Shape, Tensor } from "@noema/tensor"
import { count, input } from "@noema/tensor/graph"
import type { DType } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact, type Tolerance } from "./agreement.ts"
import { block, blockSizes, scored } from "./block.ts"
import type { Case } from "./case.ts"
import { atLeastOne, type Range, sample, seeds, size, sizes, unit } from "./sample.ts"

/** An argument: its sizes, where its values come from, and its dtype. */
interface Argument {
  readonly sizes: ReadonlyArray<number>
  readonly range: Range
  readonly dtype?: DType
}

/** A function of tensors on random arguments; `choice` picks among its axes. */
const composite = (
  name: string,
  tolerance: Tolerance,
  args: fc.Arbitrary<ReadonlyArray<Argument>>,
  fn: (tensors: ReadonlyArray<any>, choice: number) => Tensor.AnyTensor | ReadonlyArray<Tensor.AnyTensor>
): Case => ({
  name,
  group: "composites",
  tolerance,
  samples: fc.tuple(args, fc.nat(11), seeds).map(([args, choice, seed]) => {
    const nodes = args.map(({ sizes, dtype }, i) => input(`x${i}`, sizes, dtype ?? "f32"))
    const result = fn(
      nodes.map((node) => Tensor.fromNode(node)),
      choice
    )
    const outputs = Tensor.isTensor(result) ? [result] : result
    return sample(
      outputs.map((tensor) => tensor.node),
      nodes.map((node, i) => [node, args[i]!.range] as const),
      seed
    )
  })
})

const near = (ulps: number, absolute: number): Tolerance => ({ ulps, absolute })

/** One argument with at least one axis, none of them empty. */
const rows = (range: Range) =>
  fc
    .array(atLeastOne, { minLength: 1, maxLength: 3 })
    .filter((list) => count(list) <= 2000)
    .map((sizes) => [{ sizes, range }])

const any = (range: Range, dtype: DType = "f32") => sizes.map((sizes) => [{ sizes, range, dtype }])

const axis = (x: Tensor.AnyTensor, choice: number): number => choice % x.sizes.length

const moderate: Range = { low: -4, high: 4, special: [0] }
const flag: Range = { low: 0, high: 1 }
const word: Range = { low: -1000, high: 1000 }

/** An elementwise function of one tensor. */
const activation = (name: string, tolerance: Tolerance, fn: (x: any) => Tensor.AnyTensor): Case =>
  composite(name, tolerance, any({ low: -8, high: 8, special: [0, -1e-4, 30, -30, -80] }), ([x]) => fn(x))

/** A function along the last axis, of [...b, n] and of vectors of n. */
const lastAxis = (
  name: string,
  tolerance: Tolerance,
  range: Range,
  vectors: number,
  fn: (x: any, ...vectors: ReadonlyArray<any>) => Tensor.AnyTensor | ReadonlyArray<Tensor.AnyTensor>
): Case =>
  composite(
    name,
    tolerance,
    rows(range).map(([x]) => [
      x!,
      ...Array.from({ length: vectors }, () => ({ sizes: [x!.sizes.at(-1)!], range: moderate }))
    ]),
    ([x, ...vectors]) => fn(x, ...vectors)
  )

const small = (min: number, max: number) => fc.integer({ min, max })

/** Batch, heads, groups of heads, queries, keys, width. */
const heads = fc.tuple(small(0, 3), small(1, 2), small(1, 3), small(1, 7), small(0, 6), small(1, 9))

export const composites: ReadonlyArray<Case> = [
  composite("square", exact, any(moderate), ([x]) => Tensor.square(x)),
  composite("clip", exact, any({ low: -4, high: 4, special: [NaN, Infinity, -1, 1] }), ([x]) => Tensor.clip(x, -1, 1)),
  composite("mean", near(4, 1e-5), rows(moderate), ([x], choice) => Tensor.mean(x, axis(x, choice))),
  composite("variance", near(8, 1e-4), rows(moderate), ([x], choice) => Tensor.variance(x, axis(x, choice))),
  composite("logsumexp", near(4, 1e-5), rows({ low: -60, high: 60, special: [-Infinity, 100] }), ([x], choice) =>
    Tensor.logsumexp(x, axis(x, choice))
  ),
  composite("any, all", exact, any({ low: 0, high: 1 }, "bool"), ([x]) => {
    const flags: Tensor.Tensor<Shape, "bool"> = x
    return [Tensor.any(flags), Tensor.all(flags)]
  }),
  composite(
    "oneHot",
    exact,
    fc.array(size, { maxLength: 2 }).map((sizes) => [{ sizes, range: { low: -1, high: 6 }, dtype: "i32" as const }]),
    ([x], choice) => Tensor.oneHot(x, choice)
  ),
  composite(
    "matmul with batch axes that broadcast",
    near(4, 2e-5),
    fc.tuple(fc.nat(3), fc.nat(3), fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(2)).map(([b, c, m, k, n, form]) => {
      const left = [[b, c], [1, c], [c]][form]!
      return [
        { sizes: [...left, m, k], range: unit },
        { sizes: [b, form === 0 ? 1 : c, k, n], range: unit }
      ]
    }),
    ([a, b]) => Tensor.matmul(a, b)
  ),
  activation("relu", exact, Tensor.relu),
  activation("silu", near(6, 1e-6), Tensor.silu),
  activation("softplus", near(8, 0), Tensor.softplus),
  activation("logSigmoid", near(8, 0), Tensor.logSigmoid),
  activation("gelu", near(8, 4e-6), (x) => Tensor.gelu(x)),
  activation("gelu (tanh)", near(8, 4e-6), (x) => Tensor.gelu(x, "tanh")),
  composite("softmax", near(8, 1e-6), rows({ low: -30, high: 30, special: [60] }), ([x], choice) =>
    Tensor.softmax(x, axis(x, choice))
  ),
  composite("logSoftmax", near(8, 1e-5), rows({ low: -30, high: 30, special: [60] }), ([x], choice) =>
    Tensor.logSoftmax(x, axis(x, choice))
  ),
  composite(
    "maskedSoftmax",
    near(8, 1e-6),
    rows(moderate).map(([x]) => [x!, { sizes: x!.sizes, range: flag, dtype: "bool" }]),
    ([x, mask]) => Tensor.maskedSoftmax(x, mask)
  ),
  lastAxis("rmsNorm", near(8, 2e-5), moderate, 1, (x, weight) => Tensor.rmsNorm(x, weight)),
  lastAxis("layerNorm", near(8, 1e-4), { low: -4, high: 4 }, 2, (x, weight, bias) =>
    Tensor.layerNorm(x, weight, bias, 0.1)
  ),
  lastAxis("topK", exact, { low: -3, high: 3, grid: 1 / 2 }, 0, (x) => {
    const { values, indices } = Tensor.topK(x, Math.min(3, x.sizes.at(-1)))
    return [values, indices]
  }),
  composite(
    "crossEntropy",
    near(8, 2e-5),
    fc.tuple(small(0, 5), small(1, 4), small(1, 40)).map(([b, t, v]) => [
      { sizes: [b, t, v], range: { low: -8, high: 8 } },
      { sizes: [b, t], range: { low: 0, high: v }, dtype: "i32" },
      { sizes: [b, t], range: flag, dtype: "bool" }
    ]),
    ([logits, labels, mask], choice) =>
      Tensor.crossEntropy(logits, labels, choice % 2 === 0 ? { mask } : { mask, labelSmoothing: 0.1 })
  ),
  composite(
    "attention",
    near(8, 2e-5),
    heads.map(([b, g, per, t, past, d]) => [
      { sizes: [b, g * per, t, d], range: unit },
      { sizes: [b, g, t + past, d], range: unit },
      { sizes: [b, g, t + past, d + 1], range: unit },
      { sizes: [t, t + past], range: flag, dtype: "bool" },
      { sizes: [b, t, t + past], range: flag, dtype: "bool" }
    ]),
    ([q, k, v, mask, visible], choice) =>
      Tensor.attention(
        q,
        k,
        v,
        [{}, { causal: true }, { mask }, { causal: true, mask }, { visible }, { mask, visible }][choice % 6]
      )
  ),
  composite(
    "rope",
    near(4, 1e-5),
    fc.tuple(small(1, 3), small(1, 3), small(1, 9), small(1, 6)).map(([b, h, t, half]) => [
      { sizes: [b, h, t, 2 * half], range: unit },
      { sizes: [t], range: { low: 0, high: 20 }, dtype: "i32" },
      { sizes: [b, t], range: { low: 0, high: 20 }, dtype: "i32" }
    ]),
    ([x, positions, byRow], choice) => Tensor.rope(x, choice % 2 === 0 ? positions : byRow)
  ),
  composite(
    "embed, take, takeAlong",
    exact,
    fc.tuple(atLeastOne, small(1, 6), small(0, 5)).map(([n, d, t]) => [
      { sizes: [n, d], range: moderate },
      { sizes: [2, t], range: { low: -1, high: n }, dtype: "i32" },
      { sizes: [n, t], range: { low: -1, high: d }, dtype: "i32" }
    ]),
    ([table, index, inner]) => [
      Tensor.embed(table, index),
      Tensor.take(table, index, 1),
      Tensor.takeAlong(table, inner, 1)
    ]
  ),
  composite(
    "einsum",
    near(4, 3e-5),
    fc.tuple(small(0, 5), small(1, 5), small(1, 5), small(1, 6), small(1, 4)).map(([b, i, j, k, h]) => [
      { sizes: [b, i, h, k], range: unit },
      { sizes: [h, j, b, k], range: unit }
    ]),
    ([x, y], choice) =>
      [
        () => Tensor.einsum("b i h k, h j b k -> b h i j", x, y),
        () => Tensor.einsum("b i h k, h j b k -> i j", x, y),
        () => Tensor.einsum("b i h k, h j b k -> j b", x, y),
        () => Tensor.einsum("b i h k -> k b", x)
      ][choice % 4]!()
  ),
  composite(
    "Random.normal, gumbel, bernoulli",
    near(8, 2e-6),
    sizes.map((sizes) => [
      { sizes: [2], range: word, dtype: "i32" },
      { sizes, range: unit }
    ]),
    ([key, like]) => [
      Random.normal(key, like.sizes),
      Random.gumbel(key, like.sizes),
      Random.bernoulli(key, 0.3, like.sizes),
      Random.dropout(key, like, 0.3)
    ]
  ),
  composite(
    "a transformer block",
    near(8, 1e-4),
    fc
      .tuple(small(1, 3), small(1, 9), small(1, 3), small(1, 20))
      .map(([b, t, quarter, f]) => blockSizes(b, t, 4 * quarter, f).map((sizes) => ({ sizes, range: unit }))),
    ([x, ...params]) => block(x, params)
  ),
  composite(
    "gradients of a transformer block",
    near(8, 5e-4),
    fc
      .tuple(small(1, 3), small(1, 9), small(1, 3), small(1, 20))
      .map(([b, t, quarter, f]) => blockSizes(b, t, 4 * quarter, f).map((sizes) => ({ sizes, range: unit }))),
    ([x, ...params]) =>
      grad((params: ReadonlyArray<any>, x: any) => Tensor.mean(Tensor.square(block(x, params)) as Tensor.Tensor))(
        params,
        x
      )
  ),
  composite(
    "gradients of embedding, scoring and cross-entropy",
    near(8, 1e-4),
    fc.tuple(small(1, 4), small(1, 6), small(2, 12), small(1, 9)).map(([b, t, v, d]) => [
      { sizes: [v, d], range: unit },
      { sizes: [d, v], range: unit },
      { sizes: [b, t], range: { low: 0, high: v - 1 }, dtype: "i32" },
      { sizes: [b, t], range: flag, dtype: "bool" }
    ]),
    ([table, head, tokens, mask]) =>
      grad((params: ReadonlyArray<any>) => scored(params[0], params[1], tokens, mask))([table, head])
  )
]
