import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import { describe, expect, it } from "vitest"
import { fill } from "@noema/tensor/graph"
import { pullback } from "../../packages/autodiff/src/transform/pullback.ts"

type Of = (...inputs: ReadonlyArray<Node>) => Node

/** The gradient of the sum of a function's elements, as a function: of all inputs, end to end. */
const gradient =
  (f: Of): Of =>
  (...inputs) => {
    const y = f(...inputs)
    const gradients = pullback([y], [fill(1, y.sizes)], inputs)
    return G.concat(
      gradients.map((g, i) => G.reshape(g ?? fill(0, inputs[i]!.sizes), [G.count(inputs[i]!.sizes)])),
      0
    )
  }

const at = (f: Of, ...values: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const inputs = values.map((value, i) => G.input(`x${i}`, [value.length], "f32"))
  return [
    ...interpret(
      { inputs, outputs: [f(...inputs)] },
      values.map((value) => Float64Array.from(value))
    )[0]!
  ].map(
    (x) => x + 0 // no negative zeros
  )
}

const gradientAt = (f: Of, ...values: ReadonlyArray<ReadonlyArray<number>>) => at(gradient(f), ...values)
const secondAt = (f: Of, ...values: ReadonlyArray<ReadonlyArray<number>>) => at(gradient(gradient(f)), ...values)

const zeros = (x: Node) => fill(0, x.sizes)
const unary = (fn: G.UnaryFn) => (x: Node) => G.unary(fn, x)
const binary = (fn: G.BinaryFn) => (a: Node, b: Node) => G.binary(fn, a, b)
const wherePositive = (f: (x: Node) => Node) => (x: Node) => G.select(G.compare("lt", zeros(x), x), f(x), zeros(x))

describe("ties share the gradient", () => {
  it("of two tensors", () => {
    expect(gradientAt(binary("max") as Of, [1, 2, 3], [1, 3, 2])).toEqual([0.5, 0, 1, 0.5, 1, 0])
    expect(gradientAt(binary("min") as Of, [1, 2, 3], [1, 3, 2])).toEqual([0.5, 1, 0, 0.5, 0, 1])
  })

  it("along an axis", () => {
    expect(gradientAt((x) => G.reduce("max", x!, [0]), [2, 1, 2, 2])).toEqual([1 / 3, 0, 1 / 3, 1 / 3])
    expect(gradientAt((x) => G.reduce("min", x!, [0]), [2, 1, 2, 1])).toEqual([0, 0.5, 0, 0.5])
  })

  it("even where every element is -Infinity", () => {
    expect(gradientAt((x) => G.reduce("max", x!, [0]), [-Infinity, -Infinity])).toEqual([0.5, 0.5])
  })
})

describe("derivatives at zero", () => {
  it("abs and sign have none", () => {
    expect(gradientAt(unary("abs") as Of, [0, -2, 2])).toEqual([0, -1, 1])
  })

  it("sqrt goes to infinity", () => {
    expect(gradientAt(unary("sqrt") as Of, [0, 4])).toEqual([Infinity, 0.25])
  })

  it("x ** 0 is flat in x, 0 ** p is flat in p", () => {
    expect(gradientAt(binary("pow") as Of, [0, 0, 0, 3], [0, 1, 2, 0])).toEqual([0, 1, 0, 0, 0, 0, 0, Math.log(3)])
  })

  it("x ** p has one mixed second derivative, whichever comes first, also where p is 0", () => {
    // In x and p it is x ** (p - 1) (1 + p log x); rows of the Hessian of one x and one p.
    const power = binary("pow") as Of
    for (const [x, p] of [
      [2, 0],
      [0.5, 0],
      [3, 1],
      [2, -1]
    ] as const) {
      const mixed = x ** (p - 1) * (1 + p * Math.log(x))
      const inX: Of = (a, b) => pullback([power(a!, b!)], [fill(1, [1])], [a!])[0]!
      const inP: Of = (a, b) => pullback([power(a!, b!)], [fill(1, [1])], [b!])[0]!
      expect(gradientAt(inX, [x], [p])[1]).toBeCloseTo(mixed, 12)
      expect(gradientAt(inP, [x], [p])[0]).toBeCloseTo(mixed, 12)
    }
    expect(gradientAt(power, [Infinity, -2], [0, 0]).slice(0, 2)).toEqual([0, 0])
  })

  it.each([
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 0],
    [0.5, Infinity]
  ])("x ** %d by a number has derivative %d", (p, expected) => {
    expect(gradientAt((x) => G.binary("pow", x!, fill(p, x!.sizes)), [0])).toEqual([expected])
  })

  it("the square of zero has its second derivative", () => {
    expect(secondAt((x) => G.binary("pow", x!, fill(2, x!.sizes)), [0])).toEqual([2])
  })
})

describe("select never looks at the branch not taken", () => {
  const traps: Readonly<Record<string, (x: Node) => Node>> = {
    "log of 0": unary("log"),
    "sqrt of 0": unary("sqrt"),
    "1 / 0": (x) => G.binary("div", fill(1, x.sizes), x),
    "0 / 0": (x) => G.binary("div", x, x),
    "x ** -1": (x) => G.binary("pow", x, fill(-1, x.sizes)),
    "x ** x": (x) => G.binary("pow", x, x),
    "rem by 0": (x) => G.binary("rem", x, x),
    "sqrt then log": (x) => G.unary("log", G.unary("sqrt", x)),
    "overflow of exp": (x) => G.unary("exp", G.binary("mul", fill(-1e4, x.sizes), x)),
    "a product with infinity": (x) => G.binary("mul", x, G.unary("rsqrt", x)),
    "log summed over an axis": (x) => G.reduce("sum", G.unary("log", G.broadcast(x, [...x.sizes, 2], [0])), [1]),
    "log of a padded slice": (x) => {
      const wide = G.pad(G.unary("log", x), [2], [1], 7)
      return G.slice(G.concat([wide, zeros(x)], 0), [2], [1])
    },
    "log read backward": (x) => G.slice(G.unary("log", G.concat([zeros(x), x], 0)), [1], [1], [-1]),
    "log of a reshaped negative": (x) => G.reshape(G.unary("log", G.reshape(x, [x.sizes[0]!, 1])), x.sizes)
  }
  for (const [name, trap] of Object.entries(traps)) {
    it(name, () => {
      expect(gradientAt(wherePositive(trap) as Of, [0])).toEqual([0])
      expect(gradientAt(wherePositive(trap) as Of, [-1])).toEqual([0])
      expect(secondAt(wherePositive(trap) as Of, [0])).toEqual([0])
    })
  }

  it("however the branch was stretched to the condition", () => {
    // Row 0 of the condition is never, row 1 is where x is positive.
    const f = (x: Node) => {
      const all = G.broadcast(x, [2, ...x.sizes], [1])
      const row = G.iota(all.sizes, 0)
      const taken = G.binary("and", G.compare("lt", fill(0, row.sizes, "i32"), row), G.compare("lt", zeros(all), all))
      return G.select(taken, G.broadcast(G.unary("log", x), all.sizes, [1]), zeros(all))
    }
    expect(gradientAt(f as Of, [0, -1, 2])).toEqual([0, 0, 0.5])
    expect(secondAt(f as Of, [0, -1, 2])).toEqual([0, 0, -0.25])
  })

  it("and keeps the derivative of the branch taken, even where the cotangent happens to be zero", () => {
    const squared = (x: Node) => G.binary("mul", x, x)
    const whereSmall = (x: Node) => G.select(G.compare("lt", x, fill(1, x.sizes)), squared(x), zeros(x))
    expect(gradientAt(whereSmall as Of, [0, 0.5, 2])).toEqual([0, 1, 0])
    expect(secondAt(whereSmall as Of, [0, 0.5, 2])).toEqual([2, 2, 0])
    // d2/dx2 of sin(x)^2 is 2 at 0, where the inner cotangent 2 sin(x) is zero.
    const sineSquared = (x: Node) =>
      squared(G.select(G.compare("lt", x, fill(1, x.sizes)), G.unary("sin", x), zeros(x)))
    expect(secondAt(sineSquared as Of, [0])).toEqual([2])
  })

  it("also when both branches use the same value", () => {
    const f = (x: Node) =>
      G.select(G.compare("lt", zeros(x), x), G.unary("log", x), G.binary("mul", x, fill(3, x.sizes)))
    expect(gradientAt(f as Of, [-1, 0, 2])).toEqual([3, 3, 0.5])
  })
})

describe("rows", () => {
  const take = (index: ReadonlyArray<number>) => (x: Node) =>
    G.gather(x, G.constant(Int32Array.from(index), [index.length], "i32"))

  it("gathered twice get both gradients", () => {
    expect(gradientAt(take([1, 1, 0, 1]) as Of, [5, 6, 7])).toEqual([1, 3, 0])
  })

  it("out of range are those the index is clamped to", () => {
    expect(gradientAt(take([-4, 9]) as Of, [5, 6, 7])).toEqual([1, 0, 1])
  })

  it("dropped by scatterAdd get no gradient", () => {
    const index = G.constant(Int32Array.of(0, 3, 0, -1), [4], "i32")
    expect(gradientAt((x) => G.scatterAdd(index, x!, 3), [1, 2, 3, 4])).toEqual([1, 0, 1, 0])
  })

  it("known to exist are not clamped", () => {
    const gradientOf = (index: Node) => {
      const x = G.input("x", [3], "f32")
      const y = G.gather(x, index)
      return pullback([y], [y], [x])[0]!.inputs[0]!
    }
    const index = G.input("index", [2], "i32")
    const inside = G.iota([3], 0)
    expect(gradientOf(inside)).toBe(inside)
    expect(gradientOf(index).op).toMatchObject({ kind: "binary", fn: "max" })
  })
})

describe("empty tensors", () => {
  const empty = (x: Node) => G.slice(x, [0], [0])

  it("have gradients without elements, and give none", () => {
    for (const fn of ["sum", "max", "min"] as const) {
      expect(gradientAt((x) => G.reduce(fn, x!, [0]), [])).toEqual([])
      expect(gradientAt((x) => G.reduce(fn, empty(x!), [0]), [1, 2])).toEqual([0, 0])
    }
    expect(gradientAt((x) => G.cumsum(x!, 0), [])).toEqual([])
    expect(gradientAt((x) => G.concat([empty(x!), x!], 0), [1, 2])).toEqual([1, 1])
    expect(gradientAt((x) => G.dot(empty(x!), empty(x!), [], [[0, 0]]), [1, 2])).toEqual([0, 0])
    expect(gradientAt((x) => G.gather(x!, G.constant(Int32Array.of(), [0], "i32")), [1, 2])).toEqual([0, 0])
  })
})

describe("nothing flows through", () => {
  it.each(["sign", "floor", "ceil", "round"] as const)("%s", (fn) => {
    expect(gradientAt(unary(fn) as Of, [-1.4, 0, 2.6])).toEqual([0, 0, 0])
  })

  it("integers and conditions", () => {
    expect(gradientAt((x) => G.cast(G.cast(x!, "i32"), "f32"), [1.5])).toEqual([0])
    expect(gradientAt((x) => G.cast(G.compare("lt", x!, zeros(x!)), "f32"), [1.5])).toEqual([0])
    expect(gradientAt((x) => G.cast(G.argmax(x!, 0), "f32"), [1.5, 2])).toEqual([0, 0])
  })
})
