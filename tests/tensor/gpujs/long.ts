/** Long rows and sums with few results, which are cut into parts, and products whose epilogue draws random numbers. */
import * as build from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact } from "../matrix/agreement.ts"
import type { Case } from "../matrix/case.ts"
import { type Range, sample, seeds, unit } from "../matrix/sample.ts"

/** Many ties, and the largest anywhere. */
const tied: Range = { low: -40, high: 40, grid: 1, special: [50, -Infinity] }
const few = fc.integer({ min: 1, max: 5 })
/** Of some, parts are equal; others are prime or nearly so. */
const length = fc.constantFrom(1024, 1200, 1536, 2048, 1031, 2062, 4099)

const along = (x: Node, like: Node, axes: ReadonlyArray<number>): Node => build.broadcast(x, like.sizes, axes)

export const long: ReadonlyArray<Case> = [
  {
    name: "argmax of a long row",
    group: "reductions",
    tolerance: exact,
    samples: fc.tuple(few, length, few, seeds).map(([rows, columns, inner, seed]) => {
      const x = build.input("x", [rows, columns, inner], "f32")
      return sample([build.argmax(x, 1), build.argmax(build.unary("neg", x), 1)], [[x, tied]], seed)
    })
  },
  {
    name: "long rows of whole numbers and of few minima",
    group: "reductions",
    tolerance: exact,
    samples: fc.tuple(few, length, seeds).map(([rows, columns, seed]) => {
      const x = build.input("x", [rows, columns], "i32")
      const mask = build.compare("lt", x, build.broadcast(build.scalar(0, "i32"), x.sizes, []))
      const outputs = (["sum", "max", "min"] as const).map((fn) => build.reduce(fn, x, [1]))
      return sample(
        [...outputs, build.argmax(x, 1), build.reduce("max", build.cast(mask, "f32"), [1])],
        [[x, { low: -40, high: -3, grid: 1 }]],
        seed
      )
    })
  },
  {
    name: "long running sum",
    group: "rows and random",
    tolerance: exact,
    samples: fc
      .tuple(
        few,
        fc.constantFrom(256, 257, 300, 514, 1031, 1200),
        few,
        fc.constantFrom("f32" as const, "i32" as const),
        seeds
      )
      .map(([outer, columns, inner, dtype, seed]) => {
        const x = build.input("x", [outer, columns, inner], dtype)
        return sample([build.cumsum(x, 1)], [[x, { low: -9, high: 9, grid: 1 }]], seed)
      })
  },
  {
    name: "product of few elements and a long sum",
    group: "products",
    tolerance: { ulps: 8, absolute: 1e-3 },
    samples: fc
      .tuple(fc.constantFrom(1, 2, 3, 5, 64), fc.constantFrom(1, 4, 7, 64), length, fc.boolean(), seeds)
      .map(([m, n, k, turned, seed]) => {
        const a = build.input("a", turned ? [k, m] : [m, k], "f32")
        const b = build.input("b", [k, n], "f32")
        const bias = build.input("bias", [n], "f32")
        const dot = build.dot(a, b, [], [[turned ? 0 : 1, 0]])
        const inputs = [a, b, bias].map((node) => [node, unit] as const)
        return sample([build.binary("add", dot, along(bias, dot, [1]))], inputs, seed)
      })
  },
  {
    name: "product with random numbers in its epilogue",
    group: "products",
    tolerance: { ulps: 8, absolute: 1e-4 },
    samples: fc.tuple(fc.constantFrom(3, 64), fc.constantFrom(4, 64), seeds).map(([m, n, seed]) => {
      const [a, b] = [build.input("a", [m, 32], "f32"), build.input("b", [32, n], "f32")]
      const bias = build.input("bias", [n], "f32")
      const key = build.input("key", [2], "i32")
      const dot = build.dot(a, b, [], [[1, 0]])
      const sum = build.binary("add", dot, along(bias, dot, [1]))
      return sample(
        [build.binary("mul", sum, build.uniform(key, [m, n]))],
        [
          [a, unit],
          [b, unit],
          [bias, unit],
          [key, { low: -(2 ** 31), high: 2 ** 31 - 1 }]
        ],
        seed
      )
    })
  }
]
