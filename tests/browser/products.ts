/** Products large enough for the tiled kernel: every pair of transposes, batches, edges that do not fill a tile. */
import * as build from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import type { Case } from "../tensor/matrix/case.ts"
import { sample, seeds, unit } from "../tensor/matrix/sample.ts"

const side = fc.oneof(fc.constantFrom(16, 64, 128), fc.integer({ min: 17, max: 150 }))

/** [batch, m, k] x [batch, k, n], either transposed, then `max(p + bias, 0)`. */
const product = (
  name: string,
  batches: fc.Arbitrary<number>,
  edge: fc.Arbitrary<number>,
  depth: fc.Arbitrary<number>
): Case => ({
  name,
  group: "products",
  tolerance: { ulps: 4, absolute: 1e-4 },
  samples: fc
    .tuple(batches, edge, edge, depth, fc.boolean(), fc.boolean(), seeds)
    .map(([batch, m, n, k, left, right, seed]) => {
      const a = build.input("a", left ? [batch, k, m] : [batch, m, k], "f32")
      const b = build.input("b", right ? [batch, n, k] : [batch, k, n], "f32")
      const bias = build.input("bias", [n], "f32")
      const dot = build.dot(a, b, [[0, 0]], [[left ? 1 : 2, right ? 2 : 1]])
      const sum = build.binary("add", dot, build.broadcast(bias, dot.sizes, [2]))
      const zero = build.broadcast(build.scalar(0, "f32"), dot.sizes, [])
      return sample(
        [build.binary("max", sum, zero)],
        [
          [a, unit],
          [b, unit],
          [bias, unit]
        ],
        seed
      )
    })
})

const unaries = ["neg", "abs", "sign", "exp", "log", "sqrt", "rsqrt", "sin", "cos", "tanh", "erf", "sigmoid"] as const
const roundings = ["floor", "ceil", "round"] as const
const binaries = ["add", "sub", "mul", "div", "rem", "pow", "max", "min"] as const

const all = (value: number, dtype: "f32" | "i32"): Node => build.broadcast(build.scalar(value, dtype), [64, 64], [])

/** A product just large enough to be tiled, and something made of it; its sums are exact, so that they round alike. */
const epilogue = (name: string, made: (product: Node, positive: Node) => Node): Case => ({
  name: `tiled product, then ${name}`,
  group: "products",
  tolerance: { ulps: 300, absolute: 1e-3 },
  samples: seeds.map((seed) => {
    const [a, b] = [build.input("a", [64, 256], "f32"), build.input("b", [256, 64], "f32")]
    const table = build.input("table", [5, 64], "f32")
    const rows = build.input("rows", [64], "i32")
    const product = build.binary("mul", build.dot(a, b, [], [[1, 0]]), all(1 / 16, "f32"))
    const value = made(product, build.binary("add", build.unary("abs", product), all(1 / 4, "f32")))
    const gathered = build.gather(table, rows)
    return sample(
      [value.dtype === "f32" ? build.binary("add", value, gathered) : value],
      [
        [a, { ...unit, grid: 1 / 4 }],
        [b, { ...unit, grid: 1 / 4 }],
        [table, unit],
        [rows, { low: 0, high: 4, grid: 1 }]
      ],
      seed
    )
  })
})

const columns = build.binary("rem", build.iota([64, 64], 1), all(8, "i32"))

const sum = (nodes: ReadonlyArray<Node>): Node => nodes.reduce((a, b) => build.binary("add", a, b))

/** Everything that an epilogue may compute, in f32 and in whole numbers. */
const epilogues: ReadonlyArray<Case> = [
  epilogue("functions of one number", (x, positive) =>
    sum(unaries.map((fn) => build.unary(fn, ["log", "sqrt", "rsqrt"].includes(fn) ? positive : x)))
  ),
  epilogue("functions of two", (x, positive) =>
    sum(binaries.map((fn) => build.binary(fn, fn === "pow" ? positive : x, all(2.5, "f32"))))
  ),
  epilogue("whole numbers", (x) => {
    const whole = roundings.map((fn) => build.cast(build.unary(fn, x), "i32"))
    const to = build.binary("sub", columns, all(3, "i32"))
    return sum(binaries.map((fn, i) => build.binary(fn, whole[i % 3]!, to)))
  }),
  epilogue("select and infinity", (x, positive) => {
    const small = build.compare("lt", x, all(0, "f32"))
    const either = build.select(build.binary("or", small, build.compare("eq", x, all(3, "f32"))), x, positive)
    return build.binary("max", either, all(-Infinity, "f32"))
  })
]

export const products: ReadonlyArray<Case> = [
  ...epilogues,
  product("tiled product with an epilogue", fc.integer({ min: 1, max: 3 }), side, side),
  product(
    "product in large tiles",
    fc.integer({ min: 50, max: 55 }),
    fc.integer({ min: 129, max: 150 }),
    fc.integer({ min: 16, max: 24 })
  )
]
