/**
 * A part put into a tensor, in place of some of its cells along an axis.
 */
import { axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Boxed,
  type Dims,
  type Is,
  type Literal,
  type Shape,
  show,
  type Show,
  type ShowBox,
  unify,
  type Unranked
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import type { AgreeOff } from "./gather.ts"
import type { Add, Sub } from "./nat.ts"

/** `S`, or the sentence that says why `P` cannot be put there. */
export type Put<S extends Shape, I extends number, A, P extends Shape, Op extends string = "put"> = true extends
  | Unranked<S>
  | Unranked<P>
  ? S
  : AxisOf<S, I, Op> extends infer At
    ? At extends number
      ? number extends At
        ? S
        : AgreeOff<Boxed<S>, Boxed<P>, At> extends true
          ? Room<Boxed<S>[At], Boxed<P>[At], A> extends true
            ? S
            : Wrong<"sliceBounds", { op: Op; x: A & number; y: End<Boxed<P>[At], A>; n: ShowBox<Boxed<S>[At]> }>
          : Wrong<"offAxis", { op: Op; a: Show<S>; b: Show<P>; x: `${At}` }>
      : At
    : never

/** Whether the part lies within the axis, as far as that is known. */
type Room<B, P, A> = [Is<B, "literal">, Is<P, "literal">] extends [true, true]
  ? A extends number
    ? number extends A
      ? true
      : `${A}` extends `-${string}`
        ? true
        : [Sub<Literal<B>, Add<A, Literal<P>>>] extends [never]
          ? false
          : true
    : true
  : true

type End<P, A> = A extends number ? Add<A, Literal<P>> : number

/** The run-time side of `Put`: the axis, and the cell where the part begins if that is known. */
export const put = (
  op: string,
  into: Dims,
  axis: number,
  at: number | null,
  part: Dims
): { readonly axis: number; readonly start: number | null } => {
  const along = axisIn(op, into, axis)
  const [left, right] = [axesOf(into), axesOf(part)]
  const agree =
    left.length === right.length && left.every((each, i) => i === along || unify(op, each, right[i]!) !== undefined)
  if (!agree) wrong("offAxis", { op, a: show(into.shape), b: show(part.shape), x: along })
  const [size, length] = [into.sizes[along]!, part.sizes[along]!]
  if (at === null) return { axis: along, start: null }
  const start = at < 0 ? at + size : at
  if (!(Number.isInteger(start) && start >= 0 && start + length <= size))
    wrong("sliceBounds", { op, x: at, y: at + length, n: into.shape[along]! })
  return { axis: along, start }
}
