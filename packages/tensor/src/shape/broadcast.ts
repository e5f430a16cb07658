/**
 * Broadcasting as in NumPy: shapes are aligned at their last axes, a missing axis or a literal 1 stretches.
 * A name never stretches, whatever its size.
 */
import {
  type AxisDim,
  axesOf,
  type Dim,
  type Dims,
  fromAxes,
  type Shape,
  show,
  type Show,
  type ShowDim
} from "./dim.ts"
import { unify, type Unify, type Unranked } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"

type BroadcastDim<A extends Dim, B extends Dim> = [A] extends [1] ? B : [B] extends [1] ? A : Unify<A, B>

type Align<A extends Shape, B extends Shape, Out extends Shape = []> = A extends readonly [
  ...infer AI extends Shape,
  infer AL extends Dim
]
  ? B extends readonly [...infer BI extends Shape, infer BL extends Dim]
    ? [BroadcastDim<AL, BL>] extends [never]
      ? readonly [AL, BL]
      : Align<AI, BI, [BroadcastDim<AL, BL>, ...Out]>
    : [...A, ...Out]
  : [...B, ...Out]

/** The shape both stretch to, or the sentence that says which dimensions disagree. */
export type Broadcast<A extends Shape, B extends Shape, Op extends string = "broadcast"> =
  // Distributes, so that each member of a union of shapes meets each of the other side.
  A extends unknown
    ? B extends unknown
      ? true extends Unranked<A> | Unranked<B>
        ? Shape
        : [A, B] extends [B, A]
          ? A
          : Aligned<A, B, Op>
      : never
    : never

type Aligned<A extends Shape, B extends Shape, Op extends string> =
  Align<A, B> extends infer R extends Array<Dim>
    ? R
    : Align<A, B> extends readonly [infer X extends Dim, infer Y extends Dim]
      ? Wrong<"broadcast", { op: Op; a: Show<A>; b: Show<B>; x: ShowDim<X>; y: ShowDim<Y> }>
      : never

const broadcastAxis = (op: string, a: AxisDim, b: AxisDim): AxisDim | undefined =>
  a.dim === 1 ? b : b.dim === 1 ? a : unify(op, a, b)

/** The run-time side of `Broadcast`. Throws `ShapeError`. */
export const broadcast = (op: string, a: Dims, b: Dims): Dims => {
  const [left, right] = [axesOf(a), axesOf(b)]
  const rank = Math.max(left.length, right.length)
  const out: Array<AxisDim> = []
  for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
    const [x, y] = [left.at(-fromEnd), right.at(-fromEnd)]
    const axis = x === undefined ? y : y === undefined ? x : broadcastAxis(op, x, y)
    out.unshift(axis ?? wrong("broadcast", { op, a: show(a.shape), b: show(b.shape), x: x!.dim, y: y!.dim }))
  }
  return fromAxes(out)
}

/** `To` if `From` stretches to it. */
export type BroadcastTo<From extends Shape, To extends Shape, Op extends string = "broadcastTo"> = true extends
  | Unranked<From>
  | Unranked<To>
  ? To
  : Align<From, To> extends infer R extends Array<Dim>
    ? R["length"] extends To["length"]
      ? Stretches<From, To> extends true
        ? To
        : Wrong<"broadcastTo", { op: Op; a: Show<From>; b: Show<To> }>
      : Wrong<"broadcastTo", { op: Op; a: Show<From>; b: Show<To> }>
    : Wrong<"broadcastTo", { op: Op; a: Show<From>; b: Show<To> }>

/** A dimension of the target that is 1 keeps to 1: broadcasting has a direction here. */
type Stretches<From extends Shape, To extends Shape> = From extends readonly [
  ...infer FI extends Shape,
  infer FL extends Dim
]
  ? To extends readonly [...infer TI extends Shape, infer TL extends Dim]
    ? [FL] extends [1]
      ? Stretches<FI, TI>
      : [Unify<FL, TL>] extends [never]
        ? false
        : Stretches<FI, TI>
    : false
  : true

/** The run-time side of `BroadcastTo`. */
export const broadcastTo = (op: string, from: Dims, to: Dims): Dims => {
  const offset = to.sizes.length - from.sizes.length
  const target = axesOf(to)
  const fits =
    offset >= 0 && axesOf(from).every((axis, i) => axis.dim === 1 || unify(op, axis, target[offset + i]!) !== undefined)
  return fits ? to : wrong("broadcastTo", { op, a: show(from.shape), b: show(to.shape) })
}
