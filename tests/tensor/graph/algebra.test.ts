/** The algebra says in fewer nodes what the builders say, with the same values. */
import * as G from "@noema/tensor/graph"
import type { BinaryFn, Node } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

const arithmetic = { add: G.add, sub: G.sub, mul: G.mul, div: G.div, pow: G.pow }
const comparisons = { eq: G.eq, ne: G.ne, lt: G.lt, le: G.le }

/** Numbers among which the neutral ones are common; f32 has all of them. */
const numbers = fc.constantFrom(0, 1, -1, 2, 0.5, -3, 7, NaN, Infinity, -Infinity)
const whole = fc.constantFrom(0, 1, -1, 2, 3, 2 ** 31 - 1, -(2 ** 31))

const sizes = [2, 3]
const spread = (x: Node): Node => (x.sizes.length === 0 ? G.broadcast(x, sizes, []) : x)

/** An operand: a number, a tensor filled with one (with or without axes), or one of which nothing is known. */
const operand = (values: fc.Arbitrary<number>, dtype: G.DType): fc.Arbitrary<G.Operand> =>
  fc.oneof(
    values,
    values.map((x) => G.scalar(x, dtype)),
    values.map((x) => G.fill(x, sizes, dtype)),
    fc
      .array(values, { minLength: 6, maxLength: 6 })
      .map((data) => G.constant(dtype === "f32" ? Float32Array.from(data) : Int32Array.from(data), sizes, dtype))
  )

const asNode = (x: G.Operand, dtype: G.DType): Node => spread(typeof x === "number" ? G.scalar(x, dtype) : x)

const value = (node: Node): ReadonlyArray<number> =>
  [...interpret({ inputs: [], outputs: [spread(node)] }, [])[0]!].map((x) => Math.fround(x) + 0)

const both = (dtype: G.DType, values: fc.Arbitrary<number>) =>
  fc
    .tuple(operand(values, dtype), operand(values, dtype))
    .filter((pair) => pair.some((x) => typeof x !== "number" && x.dtype === dtype))

describe.each(Object.entries(arithmetic))("%s", (fn, of) => {
  it("of f32 is the primitive", () => {
    fc.assert(
      fc.property(both("f32", numbers), ([a, b]) => {
        const primitive = G.binary(fn as BinaryFn, asNode(a, "f32"), asNode(b, "f32"))
        expect(value(of(a, b))).toEqual(value(primitive))
      })
    )
  })

  it("of i32 is the primitive, which wraps around", () => {
    fc.assert(
      fc.property(both("i32", whole), ([a, b]) => {
        expect(value(of(a, b))).toEqual(value(G.binary(fn as BinaryFn, asNode(a, "i32"), asNode(b, "i32"))))
      })
    )
  })
})

it.each(Object.entries(comparisons))("%s is the primitive", (fn, of) => {
  fc.assert(
    fc.property(both("f32", numbers), ([a, b]) => {
      expect(value(of(a, b))).toEqual(value(G.compare(fn as G.CompareFn, asNode(a, "f32"), asNode(b, "f32"))))
    })
  )
})

it("where takes numbers and tensors without axes", () => {
  const condition = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 })
  fc.assert(
    fc.property(condition, operand(numbers, "f32"), operand(numbers, "f32"), (bits, yes, no) => {
      const mask = G.constant(Uint8Array.from(bits, Number), sizes, "bool")
      expect(value(G.where(mask, yes, no))).toEqual(value(G.select(mask, asNode(yes, "f32"), asNode(no, "f32"))))
    })
  )
})

it("neutral elements make no node", () => {
  const x = G.input("x", sizes, "f32")
  expect([G.add(x, 0), G.add(0, x), G.sub(x, 0), G.mul(x, 1), G.mul(1, x), G.div(x, 1), G.pow(x, 1)]).toEqual(
    Array.from({ length: 7 }, () => x)
  )
})
