/**
 * Looking up by index, and its adjoint.
 */
import { axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  type Shape,
  show,
  type Show,
  type Unboxed,
  unify,
  type Unify,
  type Unranked
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { dimsOf, type ShapeOf, type Size } from "./named.ts"

type Replaced<S extends Shape, A extends number, I extends Shape, Out extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape
]
  ? Out["length"] extends A
    ? [...Out, ...I, ...T]
    : Replaced<T, A, I, [...Out, H]>
  : never

/** `S` with axis `A` replaced by the axes of the index. */
export type Take<S extends Shape, I extends Shape, A extends number, Op extends string = "take"> = true extends
  | Unranked<S>
  | Unranked<I>
  ? Shape
  : AxisOf<S, A, Op> extends infer At
    ? At extends number
      ? number extends At
        ? Shape
        : Replaced<S, At, I>
      : At
    : never

/** The run-time side of `Take`, and the axis counted from the front. */
export const take = (
  op: string,
  dims: Dims,
  index: Dims,
  axis: number
): { readonly axis: number; readonly out: Dims } => {
  const at = axisIn(op, dims, axis)
  return { axis: at, out: fromAxes(axesOf(dims).toSpliced(at, 1, ...axesOf(index))) }
}

/** Whether shapes in boxes agree on every axis but `A`. */
export type AgreeOff<S, I, A extends number, Seen extends ReadonlyArray<0> = []> = S extends readonly [
  infer X,
  ...infer ST
]
  ? I extends readonly [infer Y, ...infer IT]
    ? Seen["length"] extends A
      ? AgreeOff<ST, IT, A, [...Seen, 0]>
      : Unify<X, Y> extends null
        ? false
        : AgreeOff<ST, IT, A, [...Seen, 0]>
    : false
  : I extends readonly []
    ? true
    : false

/** The shape of the index, which agrees with `S` on every axis but `A`. */
export type TakeAlong<
  S extends Shape,
  I extends Shape,
  A extends number,
  Op extends string = "takeAlong"
> = true extends Unranked<S> | Unranked<I>
  ? I
  : AxisOf<S, A, Op> extends infer At
    ? At extends number
      ? number extends At
        ? I
        : AgreeOff<Boxed<S>, Boxed<I>, At> extends true
          ? I
          : Wrong<"offAxis", { op: Op; a: Show<S>; b: Show<I>; x: `${At}` }>
      : At
    : never

/** The run-time side of `TakeAlong`, and the axis counted from the front. */
export const takeAlong = (
  op: string,
  dims: Dims,
  index: Dims,
  axis: number
): { readonly axis: number; readonly out: Dims } => {
  const at = axisIn(op, dims, axis)
  const [left, right] = [axesOf(dims), axesOf(index)]
  const agree =
    left.length === right.length && left.every((each, i) => i === at || unify(op, each, right[i]!) !== undefined)
  if (!agree) wrong("offAxis", { op, a: show(dims.shape), b: show(index.shape), x: at })
  return { axis: at, out: index }
}

/** `U` without the leading axes `I`, or `never`; in boxes. */
type After<U, I> = I extends readonly [infer X, ...infer IT]
  ? U extends readonly [infer Y, ...infer UT]
    ? Unify<X, Y> extends null
      ? never
      : After<UT, IT>
    : never
  : U

/** The shape of `N` rows into which updates are added, or a sentence. */
export type ScatterAdd<
  I extends Shape,
  U extends Shape,
  N extends Size,
  Op extends string = "scatterAdd"
> = true extends Unranked<I> | Unranked<U>
  ? Shape
  : After<Boxed<U>, Boxed<I>> extends infer R
    ? [R] extends [never]
      ? Wrong<"prefix", { op: Op; a: Show<U>; b: Show<I> }>
      : [...ShapeOf<[N]>, ...Unboxed<R>]
    : never

/** The run-time side of `ScatterAdd`. */
export const scatterAdd = (op: string, index: Dims, updates: Dims, rows: Size): Dims => {
  const [prefix, all] = [axesOf(index), axesOf(updates)]
  const begins = prefix.length <= all.length && prefix.every((axis, i) => unify(op, axis, all[i]!) !== undefined)
  if (!begins) wrong("prefix", { op, a: show(updates.shape), b: show(index.shape) })
  return fromAxes([...axesOf(dimsOf(op, [rows])), ...all.slice(prefix.length)])
}
