/** Elementwise primitives: values over their whole useful range, with the edges. */
import * as build from "@noema/tensor/graph"
import type { BinaryFn, CompareFn, DType, UnaryFn } from "@noema/tensor/graph"
import type { Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { functions } from "../../functions.ts"
import { exact, type Tolerance } from "./agreement.ts"
import type { Case } from "./case.ts"
import { type Range, sample, seeds, sizes } from "./sample.ts"

const group = "elementwise"
const edges = [0, 1, -1, 0.5, -0.5, NaN, Infinity, -Infinity]
const wide: Range = { low: -100, high: 100, special: edges }
const whole: Range = { low: -9, high: 9, special: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 65_537, -123_456_789] }
const ranges: Record<DType, Range> = { f32: wide, i32: whole, bool: { low: 0, high: 1 } }

const unary = (fn: UnaryFn, dtype: DType, range: Range, tolerance: Tolerance): Case => ({
  name: dtype === "f32" ? fn : `${fn} (${dtype})`,
  group,
  tolerance,
  samples: fc.tuple(sizes, seeds).map(([shape, seed]) => {
    const x = build.input("x", shape, dtype)
    return sample([build.unary(fn, x)], [[x, range]], seed)
  })
})

const binary = (fn: BinaryFn, dtype: DType, left: Range, right: Range, tolerance: Tolerance): Case => ({
  name: dtype === "f32" || dtype === "bool" ? fn : `${fn} (${dtype})`,
  group,
  tolerance,
  samples: fc.tuple(sizes, seeds).map(([shape, seed]) => {
    const [a, b] = [build.input("a", shape, dtype), build.input("b", shape, dtype)]
    return sample(
      [build.binary(fn, a, b)],
      [
        [a, left],
        [b, right]
      ],
      seed
    )
  })
})

const compare = (fn: CompareFn): Case => ({
  name: fn,
  group,
  tolerance: exact,
  samples: fc.tuple(sizes, fc.constantFrom<DType>("f32", "i32", "bool"), seeds).map(([shape, dtype, seed]) => {
    const range = { ...ranges[dtype], low: -3, high: 3, grid: 1 }
    const [a, b] = [build.input("a", shape, dtype), build.input("b", shape, dtype)]
    return sample(
      [build.compare(fn, a, b)],
      [
        [a, range],
        [b, range]
      ],
      seed
    )
  })
})

const select: Case = {
  name: "select",
  group,
  tolerance: exact,
  samples: fc.tuple(sizes, fc.constantFrom<DType>("f32", "i32", "bool"), seeds).map(([shape, dtype, seed]) => {
    const condition = build.input("condition", shape, "bool")
    const [a, b] = [build.input("a", shape, dtype), build.input("b", shape, dtype)]
    return sample(
      [build.select(condition, a, b)],
      [
        [condition, ranges.bool],
        [a, ranges[dtype]],
        [b, ranges[dtype]]
      ],
      seed
    )
  })
}

const cast = (from: DType, to: DType, range: Range): Case => ({
  name: `cast ${from} to ${to}`,
  group,
  tolerance: exact,
  samples: fc.tuple(sizes, seeds).map(([shape, seed]) => {
    const x = build.input("x", shape, from)
    return sample([build.cast(x, to)], [[x, range]], seed)
  })
})

const ulps = (n: number, absolute = 0): Tolerance => ({ ulps: n, absolute })
const everywhere = [
  0,
  -0,
  1e-30,
  -1e-8,
  2e-4,
  0.2,
  -0.3,
  1,
  -1,
  80,
  -80,
  100,
  3e3,
  -2e4,
  1e6,
  -1e10,
  1e30,
  -1e30,
  NaN,
  Infinity,
  -Infinity
]
const near = (low: number, high: number, ...special: ReadonlyArray<number>): Range => ({ low, high, special })

/** At its edges and beyond them too. */
const defined = ({ definition }: Tensor.Defined): Case => {
  const [low, high] = definition.domain ?? [-10, 10]
  const range = near(Math.max(low, -10), Math.min(high, 10), low, high, low - 1, high + 1, ...everywhere)
  return {
    name: definition.name,
    group,
    tolerance: ulps(definition.ulps),
    samples: fc.tuple(sizes, seeds).map(([shape, seed]) => {
      const x = build.input("x", shape, "f32")
      return sample([build.elementwise(definition, x)], [[x, range]], seed)
    })
  }
}

export const elementwise: ReadonlyArray<Case> = [
  ...(["neg", "abs", "sign"] as const).flatMap((fn) => [unary(fn, "f32", wide, exact), unary(fn, "i32", whole, exact)]),
  ...(["floor", "ceil", "round"] as const).map((fn) =>
    unary(fn, "f32", near(-20, 20, 0.5, 1.5, 2.5, -0.5, -2.5, 1e7, 3e9, -3e9, NaN, Infinity), exact)
  ),
  unary("exp", "f32", near(-87.3, 88.7, 0, -0, 1, 100, -110, NaN, Infinity, -Infinity), ulps(2)),
  unary("log", "f32", near(1e-3, 20, 0, 1, 2, 1e-30, 1e30, -1, NaN, Infinity), ulps(2)),
  unary("sqrt", "f32", near(0, 100, 0, 1, 1e-30, 1e30, -1, NaN, Infinity), ulps(1)),
  unary("rsqrt", "f32", near(1e-3, 100, 0, 1, 1e-30, 1e30, -1, NaN, Infinity), ulps(2)),
  unary("sin", "f32", near(-100, 100, 0, Math.PI, NaN, Infinity), ulps(3, 2e-7)),
  unary("cos", "f32", near(-100, 100, 0, Math.PI, NaN, Infinity), ulps(3, 2e-7)),
  unary("tanh", "f32", near(-10, 10, 0, 1e-4, -1e-8, 50, -50, NaN, Infinity, -Infinity), ulps(5)),
  unary("erf", "f32", near(-4, 4, 0, 1e-4, -1e-8, 50, -50, NaN, Infinity, -Infinity), ulps(6)),
  unary("sigmoid", "f32", near(-20, 20, 0, 80, -80, NaN, Infinity, -Infinity), ulps(4)),
  ...functions.map(defined),
  unary("not", "bool", ranges.bool, exact),
  ...(["add", "sub", "mul"] as const).flatMap((fn) => [
    binary(fn, "f32", wide, wide, exact),
    binary(fn, "i32", whole, whole, exact)
  ]),
  binary("div", "f32", wide, wide, ulps(1)),
  binary("div", "i32", whole, whole, exact),
  binary("rem", "f32", { low: -9, high: 9, grid: 1 / 4 }, { low: 1 / 4, high: 4, grid: 1 / 4 }, ulps(2)),
  binary("rem", "i32", whole, whole, exact),
  binary("pow", "f32", near(0.05, 8, 0, 1, 2), near(-6, 6, 0, 1, 2, 0.5, -1), ulps(4)),
  binary("pow", "i32", near(-5, 5), near(-2, 40), exact),
  ...(["max", "min"] as const).flatMap((fn) => [
    binary(fn, "f32", wide, wide, exact),
    binary(fn, "i32", whole, whole, exact)
  ]),
  ...(["and", "or"] as const).map((fn) => binary(fn, "bool", ranges.bool, ranges.bool, exact)),
  ...(["eq", "ne", "lt", "le"] as const).map(compare),
  select,
  cast("f32", "i32", near(-100, 100, 0.9, -0.9, 3e9, -3e9, NaN, Infinity, -Infinity)),
  cast("f32", "bool", near(-1, 1, 0, NaN, 1e-30)),
  cast("i32", "f32", whole),
  cast("i32", "bool", whole),
  cast("bool", "f32", ranges.bool),
  cast("bool", "i32", ranges.bool)
]
