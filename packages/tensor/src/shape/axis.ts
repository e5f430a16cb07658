/**
 * Axes as users name them: 0 is the first, -1 the last; one, or a list.
 */
import type { Dims, IsUnion, Shape, Show, Unranked } from "./dim.ts"
import { show } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import type { Sub } from "./nat.ts"

export type Axes = number | ReadonlyArray<number>

/** The axis counted from the front, `number` where it is not known, or a sentence. */
export type AxisOf<S extends Shape, I extends number, Op extends string> = true extends Unranked<S> | IsUnion<I>
  ? number
  : number extends I
    ? number
    : `${I}` extends keyof S
      ? I
      : `${I}` extends `-${infer N extends number}`
        ? [Sub<S["length"], N>] extends [never]
          ? NoAxis<S, I, Op>
          : Sub<S["length"], N>
        : NoAxis<S, I, Op>

type NoAxis<S extends Shape, I extends number, Op extends string> = Wrong<"axis", { op: Op; a: Show<S>; x: `${I}` }>

/** The axis counted from the front. Throws `ShapeError`. */
export const axisIn = (op: string, dims: Dims, axis: number): number => {
  const rank = dims.sizes.length
  const at = axis < 0 ? axis + rank : axis
  return Number.isInteger(at) && at >= 0 && at < rank ? at : wrong("axis", { op, a: show(dims.shape), x: axis })
}

/** Throws `ShapeError` where an axis has no element to take. */
export const someAlong = (op: string, dims: Dims, axis: number): void => {
  if (dims.sizes[axis] === 0) wrong("axisEmpty", { op, a: show(dims.shape), x: axis })
}

/** Several axes, each counted from the front. Throws `ShapeError` for a repeated one. */
export const axesIn = (op: string, dims: Dims, axes: Axes): ReadonlyArray<number> => {
  const list = typeof axes === "number" ? [axes] : axes
  const found: Array<number> = []
  for (const axis of list) {
    const at = axisIn(op, dims, axis)
    if (found.includes(at)) wrong("axisTwice", { op, x: axis })
    found.push(at)
  }
  return found
}
