/** Leaves and movement: exact for every dtype. */
import * as build from "@noema/tensor/graph"
import type { DType, Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { exact } from "./agreement.ts"
import type { Case } from "./case.ts"
import { draw, permutation, ranked, type Range, sample, seeds, sizes } from "./sample.ts"

const group = "views"
const values: Range = { low: -50, high: 50 }
const dtypes = fc.constantFrom<DType>("f32", "i32", "bool")
const picks = fc.array(fc.nat(200), { minLength: 8, maxLength: 8 })

/** A view of one input, of any dtype, steered by a few natural numbers. */
const view = (
  name: string,
  shapes: fc.Arbitrary<ReadonlyArray<number>>,
  make: (x: Node, picks: ReadonlyArray<number>) => Node
): Case => ({
  name,
  group,
  tolerance: exact,
  samples: fc.tuple(shapes, dtypes, picks, seeds).map(([shape, dtype, pick, seed]) => {
    const x = build.input("x", shape, dtype)
    return sample([make(x, pick)], [[x, values]], seed)
  })
})

/** A window inside `sizes`: any start, any step up to 2 in either direction, as many elements as fit or fewer. */
export const window = (shape: ReadonlyArray<number>, picks: ReadonlyArray<number>) => {
  const axes = shape.map((size, axis) => {
    const pick = picks[axis % picks.length]!
    const step = [1, 1, 2, -1, -2][pick % 5]!
    const start = size === 0 ? 0 : pick % size
    const room = size === 0 ? 0 : step > 0 ? size - start : start + 1
    return { start, step, size: Math.max(0, Math.ceil(room / Math.abs(step)) - (pick % 2)) }
  })
  return {
    start: axes.map((axis) => axis.start),
    sizes: axes.map((axis) => axis.size),
    step: axes.map((axis) => axis.step)
  }
}

export const views: ReadonlyArray<Case> = [
  {
    name: "scalar",
    group,
    tolerance: exact,
    samples: fc
      .tuple(sizes, fc.constantFrom(0, 0.1, -2.5, 1e30))
      .map(([shape, value]) => sample([build.broadcast(build.scalar(value, "f32"), shape, [])], [], 0))
  },
  {
    name: "constant",
    group,
    tolerance: exact,
    samples: fc
      .tuple(sizes, dtypes, seeds)
      .map(([shape, dtype, seed]) =>
        sample([build.constant(draw(dtype, build.count(shape), values, seed), shape, dtype)], [], seed)
      )
  },
  {
    name: "iota",
    group,
    tolerance: exact,
    samples: fc.tuple(ranked, fc.nat(3)).map(([shape, axis]) => sample([build.iota(shape, axis % shape.length)], [], 0))
  },
  view("broadcast", sizes, (x, picks) => {
    const stretched = x.sizes.map((size, axis) => (size === 1 ? (picks[axis]! % 4) + 1 : size))
    const front = picks[4]! % 2 === 0 ? [] : [(picks[5]! % 3) + 1]
    const back = picks[6]! % 3 === 0 ? [(picks[7]! % 5) + 1] : []
    return build.broadcast(
      x,
      [...front, ...stretched, ...back],
      stretched.map((_, axis) => axis + front.length)
    )
  }),
  view("reshape", sizes, (x, picks) => {
    if (picks[0]! % 3 === 0) return build.reshape(x, [build.count(x.sizes)])
    const axis = picks[1]! % (x.sizes.length + 1)
    return build.reshape(x, [...x.sizes.slice(0, axis), 1, ...x.sizes.slice(axis)])
  }),
  view("permute", sizes, (x, picks) => build.permute(x, permutation(x.sizes.length, picks[0]!))),
  view("slice", sizes, (x, picks) => {
    const part = window(x.sizes, picks)
    return build.slice(x, part.start, part.sizes, part.step)
  }),
  view("pad", sizes, (x, picks) =>
    build.pad(
      x,
      x.sizes.map((_, axis) => picks[axis]! % 3),
      x.sizes.map((_, axis) => picks[axis + 4]! % 4),
      x.dtype === "bool" ? 1 : picks[0]! - 7
    )
  ),
  view("concat", ranked, (x, picks) => {
    const axis = picks[0]! % x.sizes.length
    const part = window([x.sizes[axis]!], picks.slice(1))
    const cut = build.slice(
      x,
      x.sizes.map((_, other) => (other === axis ? part.start[0]! : 0)),
      x.sizes.with(axis, part.sizes[0]!),
      x.sizes.map((_, other) => (other === axis ? part.step[0]! : 1))
    )
    return build.concat([x, cut, x].slice(picks[2]! % 2), axis)
  }),
  view("note", sizes, (x) => build.note({ name: "stopGradient" }, x))
]
