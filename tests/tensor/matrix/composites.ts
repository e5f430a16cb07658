/** Operations written over the primitives: the important ones, as users call them. */
import { type Shape, Tensor } from "@noema/tensor"
import { count, input } from "@noema/tensor/graph"
import type { DType } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact, type Tolerance } from "./agreement.ts"
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
  )
]
