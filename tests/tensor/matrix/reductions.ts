/** Reductions, running sums and the general product. */
import * as build from "@noema/tensor/graph"
import type { DType, ReduceFn } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact, type Tolerance } from "./agreement.ts"
import type { Case } from "./case.ts"
import { atLeastOne, permutation, type Range, ranked, sample, seeds, sizes, unit } from "./sample.ts"

const whole: Range = { low: -9, high: 9, special: [2 ** 31 - 1, -(2 ** 31)] }
const edges: Range = { low: -50, high: 50, special: [0, NaN, Infinity, -Infinity] }

/** Which axes: the bits of `mask`. */
const chosen = (shape: ReadonlyArray<number>, mask: number) =>
  shape.flatMap((_, axis) => (((mask >> axis) & 1) === 1 ? [axis] : []))

const reduce = (fn: ReduceFn, dtype: DType, range: Range, tolerance: Tolerance): Case => ({
  name: `reduce ${fn}${dtype === "f32" ? "" : ` (${dtype})`}`,
  group: "reductions",
  tolerance,
  samples: fc.tuple(sizes, fc.integer({ min: 0, max: 15 }), seeds).map(([shape, mask, seed]) => {
    const x = build.input("x", shape, dtype)
    return sample([build.reduce(fn, x, chosen(shape, mask))], [[x, range]], seed)
  })
})

const long: Case = {
  name: "reduce sum, long rows",
  group: "reductions",
  tolerance: { ulps: 4, absolute: 5e-4 },
  samples: fc
    .tuple(fc.integer({ min: 500, max: 5000 }), fc.constantFrom([0], [1], [0, 1]), seeds)
    .map(([length, axes, seed]) => {
      const x = build.input("x", [3, length], "f32")
      return sample([build.reduce("sum", x, axes)], [[x, unit]], seed)
    })
}

const argmax = (dtype: DType, range: Range): Case => ({
  name: `argmax${dtype === "f32" ? "" : ` (${dtype})`}`,
  group: "reductions",
  tolerance: exact,
  samples: fc
    .tuple(fc.array(atLeastOne, { minLength: 1, maxLength: 3 }), fc.nat(2), seeds)
    .filter(([shape]) => build.count(shape) <= 2000)
    .map(([shape, axis, seed]) => {
      const x = build.input("x", shape, dtype)
      return sample([build.argmax(x, axis % shape.length)], [[x, range]], seed)
    })
})

const cumsum = (dtype: DType, range: Range, tolerance: Tolerance): Case => ({
  name: `cumsum${dtype === "f32" ? "" : ` (${dtype})`}`,
  group: "reductions",
  tolerance,
  samples: fc.tuple(ranked, fc.nat(3), seeds).map(([shape, axis, seed]) => {
    const x = build.input("x", shape, dtype)
    return sample([build.cumsum(x, axis % shape.length)], [[x, range]], seed)
  })
})

export const reductions: ReadonlyArray<Case> = [
  reduce("sum", "f32", unit, { ulps: 4, absolute: 1e-4 }),
  reduce("sum", "i32", whole, exact),
  reduce("max", "f32", edges, exact),
  reduce("max", "i32", whole, exact),
  reduce("min", "f32", edges, exact),
  reduce("min", "i32", whole, exact),
  long,
  argmax("f32", { low: -3, high: 3, grid: 1, special: [Infinity, -Infinity, NaN] }),
  argmax("i32", { low: -3, high: 3 }),
  cumsum("f32", unit, { ulps: 4, absolute: 1e-4 }),
  cumsum("i32", whole, exact)
]

/** Operands with their axes in any order: batch, free and contracted axes of the given sizes, then shuffled. */
const dot = (name: string, extent: fc.Arbitrary<number>, rank: number, bound: number): Case => {
  const axes = fc.array(extent, { maxLength: rank })
  return {
    name,
    group: "products",
    tolerance: { ulps: 4, absolute: 2e-5 },
    samples: fc
      .tuple(fc.array(extent, { maxLength: 1 }), axes, axes, axes, fc.nat(700), fc.nat(700), seeds)
      .filter(([batch, m, n, k]) => build.count([...batch, ...m, ...n, ...k]) <= bound)
      .map(([batch, m, n, k, left, right, seed]) => {
        const operand = (free: ReadonlyArray<number>, pick: number) => {
          const plain = [...batch, ...free, ...k]
          const order = permutation(plain.length, pick)
          const place = (axis: number) => order.indexOf(axis)
          return {
            node: build.input(
              pick === left ? "a" : "b",
              order.map((axis) => plain[axis]!),
              "f32"
            ),
            batch: batch.map((_, i) => place(i)),
            contract: k.map((_, i) => place(batch.length + free.length + i))
          }
        }
        const [a, b] = [operand(m, left), operand(n, right)]
        const pairs = (p: ReadonlyArray<number>, q: ReadonlyArray<number>) => p.map((axis, i) => [axis, q[i]!] as const)
        const product = build.dot(a.node, b.node, pairs(a.batch, b.batch), pairs(a.contract, b.contract))
        return sample(
          [product],
          [
            [a.node, unit],
            [b.node, unit]
          ],
          seed
        )
      })
  }
}

const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 70 }))

const matmul: Case = {
  name: "matmul [m, k] x [k, n], either transposed",
  group: "products",
  tolerance: { ulps: 4, absolute: 3e-5 },
  samples: fc
    .tuple(side, side, side, fc.boolean(), fc.boolean(), seeds)
    .map(([m, k, n, transposeA, transposeB, seed]) => {
      const a = build.input("a", transposeA ? [k, m] : [m, k], "f32")
      const b = build.input("b", transposeB ? [n, k] : [k, n], "f32")
      const product = build.dot(a, b, [], [[transposeA ? 0 : 1, transposeB ? 1 : 0]])
      return sample(
        [product],
        [
          [a, unit],
          [b, unit]
        ],
        seed
      )
    })
}

export const products: ReadonlyArray<Case> = [dot("dot", fc.integer({ min: 0, max: 6 }), 2, 20_000), matmul]
