/**
 * Joining tensors along an axis they have, or along a new one.
 */
import { axisIn, type AxisOf } from "./axis.ts"
import { type AddDim, sumOf } from "./composite.ts"
import {
  type Axis,
  axesOf,
  type Box,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  type IsUnion,
  type Shape,
  show,
  type Show,
  unify,
  type Unify,
  type Unranked
} from "./dim.ts"
import { type Mismatch, type Wrong, wrong } from "./errors.ts"
import { insertAxis, type InsertAxis, type SetAxis } from "./permute.ts"

/** Axis by axis: added on axis `I`, unified elsewhere; `never` where they disagree. In boxes, to a shape. */
type Joined<A, B, I extends number, Out extends Shape = []> = A extends readonly [infer X, ...infer AT]
  ? B extends readonly [infer Y, ...infer BT]
    ? Out["length"] extends I
      ? Joined<AT, BT, I, [...Out, AddDim<X, Y>]>
      : Unify<X, Y> extends Box<infer D extends Dim>
        ? Joined<AT, BT, I, [...Out, D]>
        : never
    : never
  : B extends readonly []
    ? Out
    : never

type JoinAll<
  Shapes extends ReadonlyArray<Shape>,
  First extends Shape,
  I extends number,
  Op extends string,
  Acc extends Shape
> = Shapes extends readonly [infer B extends Shape, ...infer T extends ReadonlyArray<Shape>]
  ? true extends Unranked<B>
    ? Shape
    : Joined<Boxed<Acc>, Boxed<B>, I> extends infer R
      ? [R] extends [never]
        ? Wrong<"offAxis", { op: Op; a: Show<First>; b: Show<B>; x: `${I}` }>
        : JoinAll<T, First, I, Op, R extends infer S extends Shape ? S : never>
      : never
  : Acc

/** The shape of a concatenation, or a sentence. */
export type Concat<
  Shapes extends ReadonlyArray<Shape>,
  I extends number,
  Op extends string = "concat"
> = number extends Shapes["length"]
  ? ConcatSome<Shapes[number], I, Op>
  : Shapes extends readonly [infer A extends Shape, ...infer T extends ReadonlyArray<Shape>]
    ? true extends Unranked<A>
      ? Shape
      : AxisOf<A, I, Op> extends infer At
        ? At extends number
          ? number extends At
            ? Shape
            : JoinAll<T, A, At, Op, A>
          : At
        : never
    : Wrong<"nothing", { op: Op }>

/** A list of unknown length, all of one shape. */
type ConcatSome<S extends Shape, I extends number, Op extends string> = true extends IsUnion<S> | Unranked<S>
  ? Shape
  : AxisOf<S, I, Op> extends infer At
    ? At extends number
      ? SetAxis<S, At, number>
      : At
    : never

/** The run-time side of `Concat`, and the axis counted from the front. */
export const concat = (
  op: string,
  parts: ReadonlyArray<Dims>,
  axis: number
): { readonly axis: number; readonly out: Dims } => {
  const first = parts[0] ?? wrong("nothing", { op })
  const at = axisIn(op, first, axis)
  return { axis: at, out: parts.slice(1).reduce((acc, part) => join(op, acc, first, part, at), first) }
}

const join = (op: string, acc: Dims, first: Dims, part: Dims, at: number): Dims => {
  const [left, right] = [axesOf(acc), axesOf(part)]
  const differ = (): never => wrong("offAxis", { op, a: show(first.shape), b: show(part.shape), x: at })
  if (left.length !== right.length) differ()
  const axes = left.map((axis, i): Axis =>
    i === at ? sumOf(axis, right[i]!) : (unify(op, axis, right[i]!) ?? differ())
  )
  return fromAxes(axes)
}

type UnifyAll<Shapes extends ReadonlyArray<Shape>, Acc extends Shape, Op extends string> = Shapes extends readonly [
  infer B extends Shape,
  ...infer T extends ReadonlyArray<Shape>
]
  ? true extends Unranked<B>
    ? Shape
    : Joined<Boxed<Acc>, Boxed<B>, -1> extends infer R
      ? [R] extends [never]
        ? Wrong<"sameShape", { op: Op; a: Show<B>; b: Show<Acc> }>
        : UnifyAll<T, R extends infer S extends Shape ? S : never, Op>
      : never
  : Acc

/** The shape of equal shapes joined along a new axis, or a sentence. */
export type Stack<
  Shapes extends ReadonlyArray<Shape>,
  I extends number,
  D extends Dim = Shapes["length"],
  Op extends string = "stack"
> = number extends Shapes["length"]
  ? true extends IsUnion<Shapes[number]>
    ? Shape
    : InsertAxis<Shapes[number], I, D, Op>
  : Shapes extends readonly [infer A extends Shape, ...infer T extends ReadonlyArray<Shape>]
    ? true extends Unranked<A>
      ? Shape
      : UnifyAll<T, A, Op> extends infer R
        ? R extends infer S extends Shape
          ? true extends Unranked<S>
            ? Shape
            : InsertAxis<S, I, D, Op>
          : R & Mismatch<string>
        : never
    : Wrong<"nothing", { op: Op }>

/** The run-time side of `Stack`. */
export const stack = (op: string, parts: ReadonlyArray<Dims>, axis: number, name?: string): Dims => {
  const first = parts[0] ?? wrong("nothing", { op })
  return insertAxis(
    op,
    parts.slice(1).reduce((acc, part) => same(op, acc, part), first),
    axis,
    { dim: name ?? parts.length, size: parts.length }
  )
}

/** The shape both are. Throws `ShapeError`. */
export const same = (op: string, a: Dims, b: Dims): Dims => {
  const [left, right] = [axesOf(a), axesOf(b)]
  const differ = (): never => wrong("sameShape", { op, a: show(b.shape), b: show(a.shape) })
  if (left.length !== right.length) differ()
  return fromAxes(left.map((axis, i) => unify(op, axis, right[i]!) ?? differ()))
}
