import { expect, it } from "vitest"
import * as build from "../../../packages/tensor/src/graph/build.ts"
import { simplify } from "../../../packages/tensor/src/graph/simplify.ts"

const x = build.input("x", [3], "f32")
const different = (a: ReturnType<typeof build.pad>, b: ReturnType<typeof build.pad>): boolean => {
  const [left, right] = simplify({ inputs: [x], outputs: [a, b] }).outputs
  return left !== right
}

it("equal operations on equal inputs are one node", () => {
  const twice = () => build.pad(build.unary("exp", x), [1], [2], -Infinity)
  expect(different(twice(), twice())).toBe(false)
})

it("operations that differ in a number, be it in the sign of zero, stay apart", () => {
  const padded = (value: number, low = 1) => build.pad(x, [low], [3 - low], value)
  const values = [0, -0, 1, Infinity, -Infinity, NaN]
  for (const a of values)
    for (const b of values) expect(different(padded(a), padded(b)), `${a} ${b}`).toBe(!Object.is(a, b))
  expect(different(padded(0, 1), padded(0, 2))).toBe(true)
})

it("nodes come in the order in which they were made, however far apart that was", () => {
  const late = () => {
    for (let i = 0; i < 100; i++) build.scalar(i, "f32")
    return build.unary("exp", x)
  }
  const [a, b, c] = [late(), late(), late()]
  const sum = build.binary("add", build.binary("add", c, a), b)
  const order = build.topological([sum]).map(({ id }) => id)
  expect(order).toEqual(order.toSorted((p, q) => p - q))
  expect(order.length).toBe(6)
  expect(build.topological([])).toEqual([])
})
