/** Random functions of rows that are put together from pieces, with values that several passes over a row need. */
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"

export interface CutRows {
  readonly inputs: ReadonlyArray<Node>
  readonly of: (inputs: ReadonlyArray<Node>) => ReadonlyArray<Node>
  readonly data: ReadonlyArray<Float32Array>
}

const filled = (like: Node, value: number): Node => G.broadcast(G.scalar(value, "f32"), like.sizes, [])
const plus = (a: Node, b: Node): Node => G.binary("add", a, b)
const times = (a: Node, b: Node): Node => G.binary("mul", a, b)
const scaled = (a: Node, by: number): Node => times(a, filled(a, by))

/** A reduction of every row, repeated along it. */
const along = (fn: G.ReduceFn, x: Node): Node => G.broadcast(G.reduce(fn, x, [1]), x.sizes, [0])

const softmax = (x: Node): Node => {
  const weights = G.unary("exp", G.binary("sub", x, along("max", x)))
  return G.binary("div", weights, along("sum", weights))
}

/** Every length of a row as often, with those more often at which vectors and groups of vectors end. */
const length = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.constantFrom(3, 4, 8, 12, 16, 24, 32, 48, 64, 65, 96, 128))

const piece = fc.record({
  length: fc.nat(40),
  kind: fc.nat(3),
  shift: fc.nat(3),
  value: fc.constantFrom(0, -0.95, 0.5)
})

/** Rows of `n` cells from pieces: what is left over is cut off, what is missing is padding. */
const rowOf = (
  inputs: ReadonlyArray<Node>,
  n: number,
  pieces: ReadonlyArray<typeof piece extends fc.Arbitrary<infer P> ? P : never>
): Node => {
  let row: Node | null = null
  let [left, value] = [n, 0]
  for (const { length, kind, shift, value: padding } of pieces) {
    const x = inputs[kind % inputs.length]!
    const [rows, whole] = x.sizes as [number, number]
    const wanted = Math.min(left, length, whole)
    value = padding
    if (wanted === 0) continue
    const start = Math.min(shift, whole - wanted)
    const backward = kind === 3
    const cut = G.slice(x, [0, backward ? start + wanted - 1 : start], [rows, wanted], [1, backward ? -1 : 1])
    row = row === null ? cut : G.concat([row, cut], 1)
    left -= wanted
  }
  if (row === null) return rowOf(inputs, n, [{ length: n, kind: 0, shift: 0, value: 0 }])
  const low = Math.floor(left / 2)
  return left === 0 ? row : G.pad(row, [0, low], [0, left - low], value)
}

const expensive = (fn: number, x: Node): Node => {
  switch (fn % 5) {
    case 0:
      return G.unary("tanh", x)
    case 1:
      return scaled(G.unary("exp", G.unary("tanh", x)), 0.5)
    case 2:
      return G.unary("sigmoid", x)
    case 3:
      return G.unary("sqrt", plus(times(x, x), filled(x, 0.5)))
    default:
      return G.unary("sin", x)
  }
}

/** One more value of the rows' sizes, made from those before. All stay within a few units. */
const next = (rows: ReadonlyArray<Node>, [kind, a, b]: ReadonlyArray<number>): Node => {
  const pick = (n: number): Node => rows[rows.length - 1 - (n % rows.length)]!
  const [x, y] = [pick(a!), pick(b!)]
  const [r, n] = x.sizes as [number, number]
  switch (kind! % 9) {
    case 0:
    case 1:
      return expensive(b!, x)
    case 2:
      return softmax(x)
    case 3:
      return G.binary("sub", x, scaled(along("sum", x), 1 / n))
    case 4:
      return G.binary("div", x, plus(filled(x, 1), along("sum", times(y, y))))
    case 5: {
      const every = G.binary("rem", G.iota([r, n], 1), G.broadcast(G.scalar(2 + (b! % 3), "i32"), [r, n], []))
      const mask = G.compare("lt", G.broadcast(G.scalar(0, "i32"), [r, n], []), every)
      return G.select(mask, x, filled(x, b! % 2))
    }
    case 6: {
      const cut = Math.min(n, 1 + (b! % 4))
      const rest = G.slice(x, [0, cut], [r, n - cut], [1, 1])
      return b! % 2 === 0
        ? G.pad(rest, [0, 0], [0, cut], 0.25)
        : G.concat([rest, G.slice(y, [0, 0], [r, cut], [1, 1])], 1)
    }
    case 7:
      return times(x, y)
    default:
      return scaled(plus(x, y), 0.5)
  }
}

export const cutRows: fc.Arbitrary<CutRows> = fc
  .record({
    rows: fc.constantFrom(1, 2, 3, 5),
    n: length,
    widths: fc.tuple(length, length),
    first: fc.array(piece, { minLength: 1, maxLength: 4 }),
    second: fc.array(piece, { minLength: 1, maxLength: 4 }),
    program: fc.array(fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 9 }),
    kept: fc.array(fc.nat(8), { maxLength: 2 }),
    seed: fc.nat(1000)
  })
  .map(({ rows, n, widths, first, second, program, kept, seed }) => {
    const sizes = [n, ...widths].map((width) => [rows, width])
    return {
      [fc.toStringMethod]: () => JSON.stringify({ rows, n, widths, first, second, program, kept, seed }),
      inputs: sizes.map((shape, i) => G.input(`x${i}`, shape, "f32")),
      of: (inputs) => {
        const values = [first, second].map((pieces) => expensive(pieces[0]!.length, rowOf(inputs, n, pieces)))
        for (const instruction of program) values.push(next(values, instruction))
        const last = values.at(-1)!
        const mean = scaled(G.reduce("sum", last, [1]), 1 / n)
        return [last, mean, ...kept.map((back) => values[back % values.length]!)]
      },
      data: sizes.map((shape, i) =>
        Float32Array.from({ length: G.count(shape) }, (_, j) => Math.sin((j + 1) * (i + 2) + seed) * 1.5)
      )
    }
  })

/** The first value that is further from the expected than float32 explains, in words, or null. */
export const difference = (
  found: ReadonlyArray<ArrayLike<number>>,
  expected: ReadonlyArray<ArrayLike<number>>
): string | null => {
  for (const [i, wanted] of expected.entries()) {
    const values = Array.from(wanted)
    const within = 2e-5 * Math.max(1, ...values.map(Math.abs))
    const at = values.findIndex((x, j) => !(Math.abs(found[i]![j]! - x) <= within))
    if (at >= 0) return `output ${i}, element ${at}: ${found[i]![at]} is not ${values[at]}`
  }
  return null
}
