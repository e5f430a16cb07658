/**
 * Broadcasting as in NumPy: shapes are aligned at their last axes, a missing axis or a literal 1 stretches.
 * A name never stretches, whatever its size.
 */
import {
  type Axis,
  axesOf,
  type Box,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  type Identical,
  type Shape,
  show,
  type ShowBox,
  type ShowBoxes,
  type Unboxed
} from "./dim.ts"
import { unify, type Unify, type Unranked } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"

/** The box of the dimension both stretch to, or `null`. */
type BroadcastDim<A, B> = Identical<B, Box<1>> extends true ? A : Identical<A, Box<1>> extends true ? B : Unify<A, B>

type Align<A, B, Out extends Shape = []> = A extends readonly [...infer AI, infer AL extends Box<unknown>]
  ? B extends readonly [...infer BI, infer BL extends Box<unknown>]
    ? BroadcastDim<AL, BL> extends Box<infer D extends Dim>
      ? Align<AI, BI, [D, ...Out]>
      : readonly [AL, BL]
    : [...Unboxed<A>, ...Out]
  : [...Unboxed<B>, ...Out]

/** The shape both stretch to, or the sentence that says which dimensions disagree. */
export type Broadcast<A extends Shape, B extends Shape, Op extends string = "broadcast"> =
  // Distributes, so that each member of a union of shapes meets each of the other side.
  A extends unknown
    ? B extends unknown
      ? true extends Unranked<A> | Unranked<B>
        ? Shape
        : Identical<A, B> extends true
          ? A
          : Aligned<A, B, Op>
      : never
    : never

/** `Broadcast` of dimensions, in which a shape that is a type parameter stays what it is beside a part of itself. */
export type BroadcastDims<A extends Dims, B extends Dims, Op extends string = "broadcast"> = A extends unknown
  ? B extends unknown
    ? Identical<A, B> extends true
      ? A
      : Identical<B, Dims<[]>> extends true
        ? A
        : Identical<A, Dims<[]>> extends true
          ? B
          : true extends Identical<A, Dims> | Identical<B, Dims>
            ? Dims
            : A extends Ranked
              ? EndsWith<B, A["shape"]> extends true
                ? B
                : Stretched<A, B, Op>
              : EndsWith<A, B["shape"]> extends true
                ? A
                : Stretched<A, B, Op>
    : never
  : never

/** Whether the last axes are these, as the last of `[...b, n]` are `[n]`. */
type EndsWith<A extends Dims, B extends Shape> = A extends {
  readonly shape: readonly [...infer L extends Shape, ...{ [K in keyof B]: unknown }]
}
  ? Identical<A["shape"], [...L, ...B]>
  : false

/** The compiler sees how many axes there are. */
interface Ranked {
  readonly shape:
    | readonly []
    | readonly [unknown]
    | readonly [unknown, unknown]
    | readonly [unknown, unknown, unknown]
    | readonly [unknown, unknown, unknown, unknown]
    | readonly [unknown, unknown, unknown, unknown, unknown]
}

type Stretched<A extends Dims, B extends Dims, Op extends string> =
  Broadcast<A["shape"], B["shape"], Op> extends infer R ? (R extends infer S extends Shape ? Dims<S> : R) : never

type Aligned<A extends Shape, B extends Shape, Op extends string> =
  Align<Boxed<A>, Boxed<B>> extends infer R extends Array<Dim>
    ? R
    : Align<Boxed<A>, Boxed<B>> extends readonly [infer X extends Box<unknown>, infer Y extends Box<unknown>]
      ? Apart<Boxed<A>, Boxed<B>, X, Y, Op>
      : never

type Apart<A, B, X, Y, Op extends string> = Wrong<
  "broadcast",
  { op: Op; a: ShowBoxes<A>; b: ShowBoxes<B>; x: ShowBox<X>; y: ShowBox<Y> }
>

const broadcastAxis = (op: string, a: Axis, b: Axis): Axis | undefined =>
  a.dim === 1 ? b : b.dim === 1 ? a : unify(op, a, b)

/** The run-time side of `Broadcast`. Throws `ShapeError`. */
export const broadcast = (op: string, a: Dims, b: Dims): Dims => {
  const [left, right] = [axesOf(a), axesOf(b)]
  const rank = Math.max(left.length, right.length)
  const out: Array<Axis> = []
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
  : Stretches<Boxed<From>, Boxed<To>> extends true
    ? To
    : Wrong<"broadcastTo", { op: Op; a: ShowBoxes<Boxed<From>>; b: ShowBoxes<Boxed<To>> }>

/** A dimension of the target that is 1 keeps to 1: broadcasting has a direction here. */
export type Stretches<From, To> = From extends readonly [...infer FI, infer FL]
  ? To extends readonly [...infer TI, infer TL]
    ? Identical<FL, Box<1>> extends true
      ? Stretches<FI, TI>
      : Unify<FL, TL> extends null
        ? false
        : Stretches<FI, TI>
    : false
  : true

/** The run-time side of `BroadcastTo`. */
export const broadcastTo = (op: string, from: Dims, to: Dims): Dims =>
  stretches(op, from, to) ? to : wrong("broadcastTo", { op, a: show(from.shape), b: show(to.shape) })

/** Whether the first stretches to the second. */
export const stretches = (op: string, from: Dims, to: Dims): boolean => {
  const offset = to.sizes.length - from.sizes.length
  const target = axesOf(to)
  return (
    offset >= 0 && axesOf(from).every((axis, i) => axis.dim === 1 || unify(op, axis, target[offset + i]!) !== undefined)
  )
}
