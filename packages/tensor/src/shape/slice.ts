/**
 * Taking a range, a cell or parts of an axis.
 */
import type { Cut } from "./cut.ts"
import { axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Boxed,
  type Dims,
  fromAxes,
  type Identical,
  type Is,
  literal,
  type Literal,
  type One,
  type Shape,
  type ShowBox,
  type Unranked
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { dimsOf, type ShapeOf, type Sizes } from "./named.ts"
import type { Add, Sub } from "./nat.ts"
import type { SetAxis } from "./permute.ts"
import type { Dropped } from "./reduce.ts"
import type { Term } from "./term.ts"

/** From `start` up to but not including `stop` (the end), every `step`. Negative positions count from the end. */
export type Range =
  | readonly [start: number]
  | readonly [start: number, stop: number]
  | readonly [start: number, stop: number, step: number]

/** A position from the front; `number` where it or the size is not known, `never` before the front. */
type Position<B, X extends number> = number extends X
  ? number
  : `${X}` extends `-${infer N extends number}`
    ? Is<B, "literal"> extends true
      ? Sub<Literal<B>, N>
      : number
    : X

/** The length of a range of the axis in the box, or a sentence. */
type Ranged<B, R extends Range, Op extends string> = R extends readonly [infer A extends number]
  ? `${A}` extends `-${infer N extends number}`
    ? [Position<B, A>] extends [never]
      ? OutOfRange<B, `${A}`, ShowBox<B>, Op>
      : N
    : number extends A
      ? number
      : Is<B, "literal"> extends true
        ? [Sub<Literal<B>, A>] extends [never]
          ? OutOfRange<B, `${A}`, ShowBox<B>, Op>
          : Sub<Literal<B>, A>
        : number
  : R extends readonly [infer A extends number, infer Z extends number]
    ? [Between<B, Position<B, A>, Position<B, Z>>] extends [never]
      ? OutOfRange<B, `${A}`, `${Z}`, Op>
      : Between<B, Position<B, A>, Position<B, Z>>
    : number

type Between<B, A extends number, Z extends number> = [A] extends [never]
  ? never
  : [Z] extends [never]
    ? never
    : number extends A | Z
      ? number
      : Is<B, "literal"> extends true
        ? [Sub<Literal<B>, Z>] extends [never]
          ? never
          : Sub<Z, A>
        : Sub<Z, A>

type OutOfRange<B, X extends string, Y extends string, Op extends string> = Wrong<
  "sliceBounds",
  { op: Op; x: X; y: Y; n: ShowBox<B> }
>

/** `S` with axis `I` cut down to a range, or to a part of it by name. */
export type Slice<S extends Shape, I extends number, R extends Range | string, Op extends string = "slice"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer At
      ? At extends number
        ? number extends At
          ? Shape
          : (R extends Range ? Ranged<Boxed<S>[At], R, Op> : Term<Boxed<S>[At], R & string, Op>) extends infer D
            ? [D] extends [number]
              ? SetAxis<S, At, One<D>>
              : [D] extends [string]
                ? SetAxis<S, At, D>
                : D
            : never
        : At
      : never

/** The run-time side of `Slice`. */
export const slice = (op: string, dims: Dims, axis: number, range: Range): Cut => {
  const at = axisIn(op, dims, axis)
  const size = dims.sizes[at]!
  const [first, last = size, step = 1] = range
  const [start, stop] = [first, last].map((x) => (x < 0 ? x + size : x)) as [number, number]
  if (!(Number.isInteger(step) && step > 0)) wrong("step", { op, x: step })
  const whole = Number.isInteger(start) && Number.isInteger(stop)
  if (!whole || start < 0 || start > stop || stop > size) {
    wrong("sliceBounds", { op, x: first, y: range.length === 1 ? dims.shape[at]! : last, n: dims.shape[at]! })
  }
  const length = Math.ceil((stop - start) / step)
  return { axis: at, start, length, step, out: fromAxes(axesOf(dims).with(at, literal(length))) }
}

/** `S` without axis `I`, of which one cell is taken. */
export type At<S extends Shape, I extends number, X extends number, Op extends string = "at"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer A
      ? A extends number
        ? number extends A
          ? Shape
          : Inside<Boxed<S>[A], X> extends true
            ? Dropped<S, A, false>
            : Wrong<"index", { op: Op; x: `${X}`; n: ShowBox<Boxed<S>[A]> }>
        : A
      : never

type Inside<B, X extends number> = number extends X
  ? true
  : Is<B, "literal"> extends true
    ? `${X}` extends `-${infer N extends number}`
      ? [Sub<Literal<B>, N>] extends [never]
        ? false
        : true
      : [Sub<Literal<B>, X>] extends [never] | [0]
        ? false
        : true
    : true

/** The run-time side of `At`. */
export const at = (op: string, dims: Dims, axis: number, index: number): Cut => {
  const which = axisIn(op, dims, axis)
  const size = dims.sizes[which]!
  const start = index < 0 ? index + size : index
  if (!(Number.isInteger(start) && start >= 0 && start < size)) wrong("index", { op, x: index, n: dims.shape[which]! })
  return { axis: which, start, length: 1, step: 1, out: fromAxes(axesOf(dims).toSpliced(which, 1)) }
}

/** The sum of sizes; `number` where one is not a literal. */
type Total<B, N extends number = 0> = B extends readonly [infer H, ...infer T]
  ? Is<H, "literal"> extends true
    ? Total<T, Add<N, Literal<H>>>
    : number
  : B extends readonly []
    ? N
    : number

type AddsUp<B, N extends number> = number extends N
  ? true
  : Is<B, "literal"> extends true
    ? Identical<Literal<B>, N>
    : true

/** The shapes of the parts of axis `I`, or a sentence. */
export type Split<S extends Shape, I extends number, P extends Sizes, Op extends string = "split"> =
  true extends Unranked<S>
    ? { -readonly [K in keyof P]: Shape }
    : AxisOf<S, I, Op> extends infer A
      ? A extends number
        ? number extends A
          ? { -readonly [K in keyof P]: Shape }
          : AddsUp<Boxed<S>[A], Total<Boxed<ShapeOf<P>>>> extends true
            ? PartsOf<S, A, ShapeOf<P>>
            : Wrong<"split", { op: Op; x: ShowBox<Boxed<S>[A]>; y: Total<Boxed<ShapeOf<P>>> }>
        : A
      : never

type PartsOf<S extends Shape, A extends number, P extends Shape> = { -readonly [K in keyof P]: SetAxis<S, A, P[K]> }

/** The run-time side of `Split`. */
export const split = (op: string, dims: Dims, axis: number, sizes: Sizes): ReadonlyArray<Cut> => {
  const which = axisIn(op, dims, axis)
  const parts = axesOf(dimsOf(op, sizes))
  const total = parts.reduce((sum, part) => sum + part.size, 0)
  if (total !== dims.sizes[which]) wrong("split", { op, x: dims.shape[which]!, y: total })
  let start = 0
  return parts.map((part) => {
    const cut = { axis: which, start, length: part.size, step: 1, out: fromAxes(axesOf(dims).with(which, part)) }
    start += part.size
    return cut
  })
}
