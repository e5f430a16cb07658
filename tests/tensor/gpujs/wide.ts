/** Programs whose kernels would read more arrays than gpu.js takes, or loop over more axes than anyone writes by hand. */
import * as build from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact } from "../matrix/agreement.ts"
import type { Case } from "../matrix/case.ts"
import { permutation, type Range, sample, seeds, unit } from "../matrix/sample.ts"

const whole: Range = { low: -9, high: 9, grid: 1 }
const bits: Range = { low: -(2 ** 31), high: 2 ** 31 - 1, special: [2 ** 31 - 1, -(2 ** 31)] }
const many = fc.integer({ min: 8, max: 20 })
const side = fc.integer({ min: 1, max: 6 })

const inputs = (count: number, sizes: ReadonlyArray<number>, dtype: "f32" | "i32" | "bool"): ReadonlyArray<Node> =>
  Array.from({ length: count }, (_, i) => build.input(`x${i}`, sizes, dtype))

const sum = (nodes: ReadonlyArray<Node>): Node => nodes.reduce((a, b) => build.binary("add", a, b))

const product = (nodes: ReadonlyArray<Node>): Node => nodes.reduce((a, b) => build.binary("mul", a, b))

const along = (x: Node, like: Node, axes: ReadonlyArray<number>): Node => build.broadcast(x, like.sizes, axes)

export const wide: ReadonlyArray<Case> = [
  {
    name: "sums of many, each used twice",
    group: "combinations",
    tolerance: { ulps: 8, absolute: 1e-4 },
    samples: fc.tuple(many, side, seeds).map(([count, n, seed]) => {
      const xs = inputs(count, [n, 3], "f32")
      const both = build.binary("mul", sum(xs), product(xs.slice(0, 9)))
      return sample(
        [both, build.reduce("sum", build.binary("sub", sum(xs), both), [1])],
        xs.map((x) => [x, unit]),
        seed
      )
    })
  },
  {
    name: "concat of many, padded",
    group: "combinations",
    tolerance: exact,
    samples: fc
      .tuple(many, side, fc.constantFrom("f32" as const, "i32" as const), seeds)
      .map(([count, n, dtype, seed]) => {
        const xs = inputs(count, [2, n], dtype)
        const joined = build.pad(build.concat(xs, 1), [1, 2], [0, 1], 7)
        const twice = build.binary("max", build.concat(xs, 0), build.concat(xs.toReversed(), 0))
        return sample(
          [joined, build.reduce("max", twice, [0])],
          xs.map((x) => [x, whole]),
          seed
        )
      })
  },
  {
    name: "whole numbers picked from many by themselves",
    group: "combinations",
    tolerance: exact,
    samples: fc.tuple(many, side, seeds).map(([count, n, seed]) => {
      const xs = inputs(count, [n], "i32")
      const rows = build.input("rows", [4], "i32")
      const signs = inputs(count, [n], "bool")
      const picked = xs.reduce((a, b, i) => build.select(signs[i]!, a, b))
      const all = build.concat([picked, ...xs], 0)
      return sample(
        [picked, build.slice(all, [2], [3]), build.gather(build.reshape(all, [n * (count + 1), 1]), rows)],
        [
          ...xs.map((x) => [x, bits] as const),
          ...signs.map((x) => [x, unit] as const),
          [rows, { low: 0, high: 7, grid: 1 }]
        ],
        seed
      )
    })
  },
  {
    name: "long rows reduced in several ways, and what is added to them",
    group: "combinations",
    tolerance: { ulps: 16, absolute: 1e-3 },
    samples: fc
      .tuple(fc.constantFrom(5, 1031, 1200), fc.integer({ min: 4, max: 7 }), seeds)
      .map(([length, count, seed]) => {
        const x = build.input("x", [3, length], "f32")
        const ys = inputs(count, [3], "f32")
        const reduced = (["sum", "max", "min"] as const).map((fn) => build.reduce(fn, x, [1]))
        const shifted = ys.reduce((row, y) => build.binary("add", row, along(y, row, [0])), x)
        return sample(
          [sum([...reduced, ...ys]), build.reduce("max", shifted, [1])],
          [[x, unit], ...ys.map((y) => [y, unit] as const)],
          seed
        )
      })
  },
  {
    name: "random numbers and many arrays",
    group: "rows and random",
    tolerance: { ulps: 8, absolute: 1e-4 },
    samples: fc.tuple(fc.integer({ min: 5, max: 9 }), side, seeds).map(([count, n, seed]) => {
      const xs = inputs(count, [n, 4], "f32")
      const key = build.input("key", [2], "i32")
      const empty = build.reduce("sum", build.uniform(key, [n, 0]), [1])
      const drawn = sum([build.uniform(key, [n, 4]), ...xs])
      return sample(
        [build.binary("add", drawn, along(empty, drawn, [0]))],
        [[key, bits], ...xs.map((x) => [x, unit] as const)],
        seed
      )
    })
  },
  {
    name: "product with many arrays in its epilogue",
    group: "products",
    tolerance: { ulps: 8, absolute: 1e-3 },
    samples: fc
      .tuple(fc.constantFrom(3, 64), fc.constantFrom(32, 256), fc.integer({ min: 5, max: 9 }), seeds)
      .map(([n, k, count, seed]) => {
        const [a, b] = [build.input("a", [64, k], "f32"), build.input("b", [k, n], "f32")]
        const rows = inputs(count, [n], "f32")
        const dot = build.dot(a, b, [], [[1, 0]])
        return sample(
          [rows.reduce((y, row, i) => build.binary(i % 2 === 0 ? "add" : "mul", y, along(row, dot, [1])), dot)],
          [a, b, ...rows].map((x) => [x, unit]),
          seed
        )
      })
  },
  {
    name: "sum over eight axes that do not merge",
    group: "reductions",
    tolerance: { ulps: 8, absolute: 1e-4 },
    samples: fc.tuple(fc.nat(5000), fc.boolean(), seeds).map(([pick, all, seed]) => {
      const sizes = new Array<number>(8).fill(2)
      const x = build.input("x", sizes, "f32")
      const y = build.binary("mul", x, build.permute(x, permutation(8, pick)))
      const axes = all ? sizes.map((_, axis) => axis) : [0, 1, 2, 3, 4, 5, 6]
      return sample([build.reduce("sum", y, axes)], [[x, unit]], seed)
    })
  }
]
