/**
 * An axis cut, or filled up, to a length.
 */
import { axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Boxed,
  type Dims,
  fromAxes,
  type Is,
  type Literal,
  type Shape,
  type ShowBox,
  type Unranked
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { dimsOf, type ShapeOf, type Size } from "./named.ts"
import type { Add, Sub } from "./nat.ts"
import type { SetAxis } from "./permute.ts"
import type { Cut } from "./cut.ts"

/** `S` with axis `I` cut to the length of a size, from `A`. */
export type Narrow<S extends Shape, I extends number, A, L extends Size, Op extends string = "narrow"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer At
      ? At extends number
        ? number extends At
          ? Shape
          : Within<Boxed<S>[At], Boxed<ShapeOf<[L]>>[0], A> extends true
            ? SetAxis<S, At, ShapeOf<[L]>[0]>
            : OutOfRange<Boxed<S>[At], Boxed<ShapeOf<[L]>>[0], A & number, Op>
        : At
      : never

/** Whether a length from `A` on is within an axis, as far as that is known. */
type Within<B, L, A> = [Is<B, "literal">, Is<L, "literal">] extends [true, true]
  ? A extends number
    ? number extends A
      ? true
      : `${A}` extends `-${string}`
        ? true
        : [Sub<Literal<B>, Add<A, Literal<L>>>] extends [never]
          ? false
          : true
    : true
  : true

type OutOfRange<B, L, A extends number, Op extends string> = Wrong<
  "sliceBounds",
  { op: Op; x: A; y: Add<A, Literal<L>>; n: ShowBox<B> }
>

/** The run-time side of `Narrow`. */
export const narrow = (op: string, dims: Dims, axis: number, start: number, length: Size): Cut => {
  const at = axisIn(op, dims, axis)
  const size = dims.sizes[at]!
  const [wanted] = axesOf(dimsOf(op, [length]))
  const first = start < 0 ? start + size : start
  if (!(Number.isInteger(first) && first >= 0 && first + wanted!.size <= size))
    wrong("sliceBounds", { op, x: start, y: start + wanted!.size, n: dims.shape[at]! })
  return { axis: at, start: first, length: wanted!.size, step: 1, out: fromAxes(axesOf(dims).with(at, wanted!)) }
}

/** `S` with axis `I` filled up to a size. */
export type PadTo<S extends Shape, I extends number, L extends Size, Op extends string = "padTo"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer At
      ? At extends number
        ? number extends At
          ? Shape
          : Fits<Boxed<S>[At], Boxed<ShapeOf<[L]>>[0]> extends true
            ? SetAxis<S, At, ShapeOf<[L]>[0]>
            : Wrong<"fits", { op: Op; x: ShowBox<Boxed<S>[At]>; y: ShowBox<Boxed<ShapeOf<[L]>>[0]> }>
        : At
      : never

type Fits<B, L> = [Is<B, "literal">, Is<L, "literal">] extends [true, true]
  ? [Sub<Literal<L>, Literal<B>>] extends [never]
    ? false
    : true
  : true

/** The run-time side of `PadTo`: the axis, and how many cells come after it. */
export const padTo = (
  op: string,
  dims: Dims,
  axis: number,
  size: Size
): { readonly axis: number; readonly more: number; readonly out: Dims } => {
  const at = axisIn(op, dims, axis)
  const [wanted] = axesOf(dimsOf(op, [size]))
  const more = wanted!.size - dims.sizes[at]!
  if (more < 0) wrong("fits", { op, x: dims.sizes[at]!, y: wanted!.size })
  return { axis: at, more, out: fromAxes(axesOf(dims).with(at, wanted!)) }
}
