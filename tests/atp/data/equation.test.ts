import { Equation } from "../inside.ts"
import fc from "fast-check"
import { expect, test } from "vitest"

const { equationHolds, evaluateExpression, parseNumber, readEquation } = Equation

test("precedence, brackets, signs, percentages and products without a sign", () => {
  const value = (text: string) => evaluateExpression(text)?.value
  expect(value("2+3*4")).toBe(14)
  expect(value("(2+3)*4")).toBe(20)
  expect(value("20-3-4")).toBe(13)
  expect(value("-3+5")).toBe(2)
  expect(value("12/4/3")).toBe(1)
  expect(value("200*5%")).toBe(10)
  expect(value("2(3+4)")).toBe(14)
  expect(value("1,000+1")).toBe(1001)
  expect(value(".5*4")).toBe(2)
})

test("what is not arithmetic has no value", () => {
  for (const text of ["", "2+", "two+2", "1/0", "(2", "2)", "2 2", "*3"]) expect(evaluateExpression(text)).toBeNull()
})

test("expressions printed from a tree evaluate to the value of the tree", () => {
  type Tree = number | readonly [Tree, "+" | "-" | "*", Tree]
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.nat(99),
      fc.tuple(tie("tree"), fc.constantFrom("+" as const, "-" as const, "*" as const), tie("tree"))
    )
  }))
  const print = (t: Tree): string => (typeof t === "number" ? `${t}` : `(${print(t[0])}${t[1]}${print(t[2])})`)
  const value = (t: Tree): number => {
    if (typeof t === "number") return t
    const [a, b] = [value(t[0]), value(t[2])]
    return t[1] === "+" ? a + b : t[1] === "-" ? a - b : a * b
  }
  fc.assert(
    fc.property(tree, (t) => {
      expect(evaluateExpression(print(t))?.value).toBe(value(t))
    })
  )
})

test("numbers as people write them", () => {
  expect(["1,000", "$5", "50%", ".5", "-3", "7."].map(parseNumber)).toEqual([1000, 5, 0.5, 0.5, -3, 7])
  expect(["", "five", "1/2", "3 apples", "-", "Infinity"].map(parseNumber)).toEqual(Array(6).fill(null))
})

test("an equation holds to the precision its result is written with", () => {
  expect(equationHolds("<<10/3=3.33>>")).toBe(true)
  expect(equationHolds("<<10/3=3.34>>")).toBe(false)
  expect(equationHolds("<<2+2=5>>")).toBe(false)
  expect(equationHolds("<<2+2>>")).toBe(false)
})

test("a step reads as its operands and result in one spelling", () => {
  expect(readEquation("<<1,000*.50=500.0>>")).toEqual({ operands: ["1000", "0.5"], result: "500" })
  expect(readEquation("<<half of ten=5>>")).toBeNull()
  expect(readEquation("no equation")).toBeNull()
})
