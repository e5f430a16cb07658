/**
 * Reductions: the listed axes go, or stay as 1.
 */
import { type Axes, axesIn, type AxisOf } from "./axis.ts"
import {
  type Axis,
  axesOf,
  type Box,
  type Dim,
  type Dims,
  fromAxes,
  literal,
  type Shape,
  type Unranked
} from "./dim.ts"
import type { Mismatch, Wrong } from "./errors.ts"

/** A union of the axes, `number` where one is not known, or a sentence. */
export type Listed<
  S extends Shape,
  A extends ReadonlyArray<number>,
  Op extends string,
  Seen extends number = never
> = A extends readonly []
  ? Seen
  : A extends readonly [infer H extends number, ...infer T extends ReadonlyArray<number>]
    ? AxisOf<S, H, Op> extends infer I
      ? I extends number
        ? number extends I
          ? number
          : I extends Seen
            ? Wrong<"axisTwice", { op: Op; x: `${H}` }>
            : Listed<S, T, Op, Seen | I>
        : I
      : never
    : number

export type Dropped<
  S extends Shape,
  I extends number,
  Keep extends boolean,
  Out extends Shape = [],
  At extends ReadonlyArray<unknown> = []
> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? At["length"] extends I
    ? Dropped<T, I, Keep, Keep extends true ? [...Out, 1] : Out, [...At, 0]>
    : Dropped<T, I, Keep, [...Out, H], [...At, 0]>
  : Out

/**
 * The shape after reducing `A`; `Shape` where the axes are not known. The last axis is known even where those before it are a
 * type parameter.
 */
export type Reduce<S extends Shape, A extends Axes, Keep extends boolean = false, Op extends string = "reduce"> = [
  A
] extends [-1]
  ? Box<S> extends Box<readonly [...infer B extends Shape, infer _ extends Dim]>
    ? Dims<true extends Keep ? (false extends Keep ? Shape : [...B, 1]) : B>
    : ReduceListed<S, A, Keep, Op>
  : ReduceListed<S, A, Keep, Op>

type ReduceListed<S extends Shape, A extends Axes, Keep extends boolean, Op extends string> =
  true extends Unranked<S>
    ? Shape
    : (
          [A] extends [number] ? AxisOf<S, A, Op> : [A] extends [ReadonlyArray<number>] ? Listed<S, A, Op> : number
        ) extends infer I
      ? [I] extends [never]
        ? S
        : [I] extends [Mismatch<string>]
          ? I
          : number extends I
            ? Shape
            : boolean extends Keep
              ? Shape
              : Dropped<S, I & number, Keep>
      : never

/** The run-time side of `Reduce`, and the axes counted from the front. */
export const reduce = (
  op: string,
  dims: Dims,
  axes: Axes,
  keepDims = false
): { readonly axes: ReadonlyArray<number>; readonly out: Dims } => {
  const listed = axesIn(op, dims, axes)
  const out = axesOf(dims).flatMap((axis, i): Array<Axis> =>
    !listed.includes(i) ? [axis] : keepDims ? [literal(1)] : []
  )
  return { axes: listed, out: fromAxes(out) }
}
