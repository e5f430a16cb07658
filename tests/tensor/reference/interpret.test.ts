import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import { erf } from "../../../packages/tensor/src/device/reference/erf.ts"
import * as build from "../../../packages/tensor/src/graph/build.ts"
import type { Node } from "../../../packages/tensor/src/graph/node.ts"

const value = (node: Node): Array<number> => [...interpret({ inputs: [], outputs: [node] }, [])[0]!]
const f32 = (data: ReadonlyArray<number>, ...sizes: ReadonlyArray<number>) =>
  build.constant(Float64Array.from(data), sizes.length === 0 ? [data.length] : sizes, "f32")
const i32 = (data: ReadonlyArray<number>, ...sizes: ReadonlyArray<number>) =>
  build.constant(Int32Array.from(data), sizes.length === 0 ? [data.length] : sizes, "i32")
const bool = (data: ReadonlyArray<number>) => build.constant(Uint8Array.from(data), [data.length], "bool")
const matrix = f32([1, 2, 3, 4, 5, 6], 2, 3)
const [min, max] = [-(2 ** 31), 2 ** 31 - 1]

/** Each line: what, node, expected. */
const examples: ReadonlyArray<readonly [string, Node, ReadonlyArray<number>]> = [
  ["a scalar is f32", build.scalar(0.1, "f32"), [Math.fround(0.1)]],
  ["iota counts along its axis", build.iota([2, 3], 1), [0, 1, 2, 0, 1, 2]],
  ["iota counts along the first axis", build.iota([2, 3], 0), [0, 0, 0, 1, 1, 1]],
  ["round goes half to even", build.unary("round", f32([0.5, 1.5, 2.5, -0.5, -1.5, 2.6])), [0, 2, 2, -0, -2, 3]],
  ["sign keeps NaN", build.unary("sign", f32([-3, 0, 2, NaN])), [-1, 0, 1, NaN]],
  ["not", build.unary("not", bool([0, 1])), [1, 0]],
  ["i32 abs wraps", build.unary("abs", i32([min, -7])), [min, 7]],
  ["i32 add wraps", build.binary("add", i32([max]), i32([1])), [min]],
  ["i32 mul wraps", build.binary("mul", i32([65537, max]), i32([65537, max])), [131073, 1]],
  ["i32 div truncates, x / 0 = 0", build.binary("div", i32([-7, 7, 5, min]), i32([2, -2, 0, -1])), [-3, -3, 0, min]],
  ["i32 rem has the dividend's sign", build.binary("rem", i32([-7, 7, 5]), i32([3, -3, 0])), [-1, 1, 0]],
  ["i32 pow", build.binary("pow", i32([3, 2, 2, -1, 1]), i32([4, 33, -1, -3, -2])), [81, 0, 0, -1, 1]],
  ["max and min keep NaN", build.binary("max", f32([NaN, 1]), f32([1, NaN])), [NaN, NaN]],
  ["pow(1, NaN) = 1", build.binary("pow", f32([1, -8]), f32([NaN, 3])), [1, -512]],
  ["NaN equals nothing", build.compare("eq", f32([NaN, 1]), f32([NaN, 1])), [0, 1]],
  ["NaN differs from all", build.compare("ne", f32([NaN, 1]), f32([NaN, 1])), [1, 0]],
  ["select ignores the other side", build.select(bool([1, 0]), f32([1, NaN]), f32([NaN, 2])), [1, 2]],
  ["cast saturates", build.cast(f32([-1.9, 1.9, 3e9, -3e9, NaN]), "i32"), [-1, 1, max, min, 0]],
  ["cast to bool means not zero", build.cast(f32([0, -0, 0.1, NaN]), "bool"), [0, 0, 1, 1]],
  ["broadcast repeats", build.broadcast(f32([1, 2]), [2, 2], [1]), [1, 2, 1, 2]],
  ["broadcast stretches ones", build.broadcast(f32([1, 2], 2, 1), [2, 3], [0, 1]), [1, 1, 1, 2, 2, 2]],
  ["permute transposes", build.permute(matrix, [1, 0]), [1, 4, 2, 5, 3, 6]],
  ["slice steps backward", build.slice(matrix, [1, 2], [2, 2], [-1, -2]), [6, 4, 3, 1]],
  ["pad surrounds", build.pad(f32([1, 2]), [1], [2], 9), [9, 1, 2, 9, 9]],
  ["concat on an inner axis", build.concat([matrix, f32([7, 8], 2, 1)], 1), [1, 2, 3, 7, 4, 5, 6, 8]],
  ["sum over one axis", build.reduce("sum", matrix, [0]), [5, 7, 9]],
  ["sum over all", build.reduce("sum", matrix, [0, 1]), [21]],
  ["sum of nothing", build.reduce("sum", f32([], 2, 0), [1]), [0, 0]],
  ["max of nothing", build.reduce("max", f32([], 1, 0), [1]), [-Infinity]],
  ["max of no i32", build.reduce("max", i32([], 1, 0), [1]), [min]],
  ["min of no i32", build.reduce("min", i32([], 1, 0), [1]), [max]],
  ["max keeps NaN", build.reduce("max", f32([1, NaN, 3]), [0]), [NaN]],
  ["argmax takes the first", build.argmax(f32([1, 3, 3, 0], 2, 2), 1), [1, 0]],
  ["argmax takes NaN as largest", build.argmax(f32([5, NaN, 9, NaN]), 0), [1]],
  ["dot multiplies matrices", build.dot(matrix, matrix, [], [[1, 1]]), [14, 32, 32, 77]],
  ["dot pairs batches", build.dot(matrix, matrix, [[0, 0]], [[1, 1]]), [14, 77]],
  ["dot over nothing", build.dot(f32([], 2, 0), f32([], 0, 1), [], [[1, 0]]), [0, 0]],
  ["gather clamps", build.gather(matrix, i32([1, -5, 9])), [4, 5, 6, 1, 2, 3, 4, 5, 6]],
  ["gather from no rows", build.gather(f32([], 0, 2), i32([0])), [0, 0]],
  ["scatterAdd adds and drops", build.scatterAdd(i32([1, 1, -1, 2]), f32([1, 2, 4, 8]), 2), [0, 3]],
  ["cumsum runs inside an axis", build.cumsum(matrix, 0), [1, 2, 3, 5, 7, 9]],
  ["cumsum runs along rows", build.cumsum(matrix, 1), [1, 3, 6, 4, 9, 15]],
  ["a note is its first input", build.note({ name: "stopGradient" }, i32([4]), [matrix]), [4]]
]

it.each(examples)("%s", (_, node, expected) => {
  expect(value(node)).toEqual(expected)
})

describe("laws", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
  const tensor = sizes.map((shape) =>
    f32(
      Array.from({ length: build.count(shape) }, (_, i) => i + 1),
      ...shape
    )
  )

  it("a permutation and its inverse cancel", () => {
    fc.assert(
      fc.property(tensor, fc.nat(), (x, seed) => {
        const axes = x.sizes.map((_, axis) => axis)
        const order = axes.toSorted((a, b) => ((a * 7 + seed) % 5) - ((b * 7 + seed) % 5))
        const inverse = axes.map((axis) => order.indexOf(axis))
        expect(value(build.permute(build.permute(x, order), inverse))).toEqual(value(x))
      })
    )
  })

  it("a slice undoes a pad, and a concat of slices is the whole", () => {
    fc.assert(
      fc.property(tensor, fc.nat(3), fc.nat(3), (x, low, high) => {
        const padded = build.pad(
          x,
          x.sizes.map(() => low),
          x.sizes.map(() => high)
        )
        expect(
          value(
            build.slice(
              padded,
              x.sizes.map(() => low),
              x.sizes
            )
          )
        ).toEqual(value(x))
        const cut = Math.min(low, x.sizes[0]!)
        const zero = x.sizes.map(() => 0)
        const head = build.slice(x, zero, x.sizes.with(0, cut))
        const tail = build.slice(x, zero.with(0, cut), x.sizes.with(0, x.sizes[0]! - cut))
        expect(value(build.concat([head, tail], 0))).toEqual(value(x))
      })
    )
  })

  it("sum is the dot with ones, and the last of cumsum", () => {
    fc.assert(
      fc.property(tensor, fc.nat(), (x, pick) => {
        const axis = pick % x.sizes.length
        const size = x.sizes[axis]!
        const total = value(build.reduce("sum", x, [axis]))
        const ones = f32(Array.from({ length: size }, () => 1))
        expect(value(build.dot(x, ones, [], [[axis, 0]]))).toEqual(total)
        fc.pre(size > 0)
        const start = x.sizes.map((_, other) => (other === axis ? size - 1 : 0))
        expect(value(build.slice(build.cumsum(x, axis), start, x.sizes.with(axis, 1)))).toEqual(total)
      })
    )
  })

  it("scatterAdd is the transpose of gather: <gather(t, i), u> = <t, scatterAdd(i, u)>", () => {
    const index = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 })
    fc.assert(
      fc.property(index, fc.nat(3), (rows, width) => {
        const table = f32(
          Array.from({ length: 4 * width }, (_, i) => i * i - 5),
          4,
          width
        )
        const updates = f32(
          Array.from({ length: rows.length * width }, (_, i) => 3 - i),
          rows.length,
          width
        )
        const inner = (p: Node, q: Node) => value(build.reduce("sum", build.binary("mul", p, q), [0, 1]))
        const left = inner(build.gather(table, i32(rows, rows.length)), updates)
        expect(left).toEqual(inner(table, build.scatterAdd(i32(rows, rows.length), updates, 4)))
      })
    )
  })

  it("erf is odd, bounded, and has the derivative 2/sqrt(pi) exp(-x^2)", () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        expect(erf(-x)).toBe(-erf(x))
        expect(Math.abs(erf(x))).toBeLessThanOrEqual(1)
        const h = 1e-4
        const slope = (erf(x + h) - erf(x - h)) / (2 * h)
        expect(Math.abs(slope - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x))).toBeLessThan(1e-8)
      })
    )
    // Abramowitz and Stegun, table 7.1.
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15)
    expect(erf(2)).toBeCloseTo(0.9953222650189527, 15)
    expect(erf(3)).toBeCloseTo(0.9999779095030014, 15)
  })
})
