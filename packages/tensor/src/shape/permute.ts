/**
 * Permuting, inserting and removing axes.
 */
import { axesIn, axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Axis,
  type Box,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  literal,
  type Shape,
  show,
  type Show,
  type Unify,
  type Unranked
} from "./dim.ts"
import { type Mismatch, type Wrong, wrong } from "./errors.ts"
import type { Dropped, Listed } from "./reduce.ts"

/** `S` with its axes in the listed order. */
export type Permute<S extends Shape, O extends ReadonlyArray<number>, Op extends string = "permute"> =
  true extends Unranked<S>
    ? Shape
    : number extends O["length"]
      ? Shape
      : O["length"] extends S["length"]
        ? Listed<S, O, Op> extends infer I
          ? [I] extends [never]
            ? []
            : [I] extends [Mismatch<string>]
              ? I
              : number extends I
                ? Shape
                : { -readonly [K in keyof O]: S[AxisOf<S, O[K], Op> & keyof S] } extends infer R extends Shape
                  ? R
                  : never
          : never
        : Wrong<"axisCount", { op: Op; a: Show<S>; n: S["length"]; m: O["length"] }>

/** The run-time side of `Permute`, and the order counted from the front. */
export const permute = (
  op: string,
  dims: Dims,
  axes: ReadonlyArray<number>
): { readonly order: ReadonlyArray<number>; readonly out: Dims } => {
  if (axes.length !== dims.sizes.length) {
    wrong("axisCount", { op, a: show(dims.shape), n: dims.sizes.length, m: axes.length })
  }
  const order = axesIn(op, dims, axes)
  const all = axesOf(dims)
  return { order, out: fromAxes(order.map((axis) => all[axis]!)) }
}

/** `S` with the dimension of one axis replaced; `Shape` where the axis is not known. */
export type SetAxis<S extends Shape, I extends number, D extends Dim> = number extends I
  ? Shape
  : { -readonly [K in keyof S]: K extends `${I}` ? D : S[K] } extends infer R extends Shape
    ? R
    : never

/** `S` with two axes exchanged. */
export type SwapAxes<S extends Shape, I extends number, J extends number, Op extends string = "swapAxes"> =
  true extends Unranked<S>
    ? Shape
    : [AxisOf<S, I, Op>, AxisOf<S, J, Op>] extends [infer A extends number, infer B extends number]
      ? number extends A | B
        ? Shape
        : SetAxis<SetAxis<S, A, S[B]>, B, S[A]>
      : Extract<AxisOf<S, I, Op> | AxisOf<S, J, Op>, Mismatch<string>>

/** The order that exchanges two axes. */
export const swap = (op: string, dims: Dims, i: number, j: number): ReadonlyArray<number> => {
  const [a, b] = [axisIn(op, dims, i), axisIn(op, dims, j)]
  return dims.sizes.map((_, axis) => (axis === a ? b : axis === b ? a : axis))
}

/** `S` with `D` inserted so that it becomes axis `I`. */
export type InsertAxis<S extends Shape, I extends number, D extends Dim, Op extends string> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<[...S, D], I, Op> extends infer A
      ? A extends number
        ? number extends A
          ? Shape
          : Inserted<S, A, D>
        : Wrong<"axis", { op: Op; a: Show<S>; x: `${I}` }>
      : never

type Inserted<S extends Shape, I extends number, D extends Dim, Out extends Shape = []> = Out["length"] extends I
  ? [...Out, D, ...S]
  : S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Inserted<T, I, D, [...Out, H]>
    : never

/** Where a new axis goes, from the front. */
export const newAxis = (op: string, dims: Dims, axis: number): number => {
  const rank = dims.sizes.length + 1
  const at = axis < 0 ? axis + rank : axis
  return Number.isInteger(at) && at >= 0 && at < rank ? at : wrong("axis", { op, a: show(dims.shape), x: axis })
}

/** The run-time side of `InsertAxis`. */
export const insertAxis = (op: string, dims: Dims, axis: number, inserted: Axis = literal(1)): Dims =>
  fromAxes(axesOf(dims).toSpliced(newAxis(op, dims, axis), 0, inserted))

/** `S` without an axis of size 1. */
export type Squeeze<S extends Shape, I extends number, Op extends string = "squeeze"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer A
      ? A extends number
        ? number extends A
          ? Shape
          : Unify<Boxed<S>[A], Box<1>> extends Box<1>
            ? Dropped<S, A, false>
            : Wrong<"squeeze", { op: Op; a: Show<S>; x: `${I}` }>
        : A
      : never

/** The run-time side of `Squeeze`. */
export const squeeze = (op: string, dims: Dims, axis: number): Dims => {
  const at = axisIn(op, dims, axis)
  if (dims.shape[at] !== 1) wrong("squeeze", { op, a: show(dims.shape), x: axis })
  return fromAxes(axesOf(dims).toSpliced(at, 1))
}
