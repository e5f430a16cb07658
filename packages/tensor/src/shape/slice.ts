/**
 * Taking a range, a cell or parts of an axis.
 */
import { axisIn, type AxisOf } from "./axis.ts"
import {
  axesOf,
  type Dim,
  type Dims,
  fromAxes,
  literal,
  type One,
  type Shape,
  type ShowDim,
  type Unranked
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { dimsOf, type DimOf, type Sizes } from "./named.ts"
import type { Add, Sub } from "./nat.ts"
import type { SetAxis } from "./permute.ts"
import type { Dropped } from "./reduce.ts"

/** From `start` up to but not including `stop` (the end), every `step`. Negative positions count from the end. */
export type Range =
  | readonly [start: number]
  | readonly [start: number, stop: number]
  | readonly [start: number, stop: number, step: number]

/** A position from the front; `number` where it or the size is not known, `never` before the front. */
type Position<D extends Dim, X extends number> = number extends X
  ? number
  : `${X}` extends `-${infer N extends number}`
    ? number extends D
      ? number
      : D extends number
        ? Sub<D, N>
        : number
    : X

type Ranged<D extends Dim, R extends Range, Op extends string> = R extends readonly [infer A extends number]
  ? `${A}` extends `-${infer N extends number}`
    ? [Position<D, A>] extends [never]
      ? OutOfRange<D, A, "", Op>
      : N
    : number extends A | D
      ? number
      : D extends number
        ? [Sub<D, A>] extends [never]
          ? OutOfRange<D, A, D, Op>
          : Sub<D, A>
        : number
  : R extends readonly [infer A extends number, infer B extends number]
    ? [Between<D, Position<D, A>, Position<D, B>>] extends [never]
      ? OutOfRange<D, A, B, Op>
      : Between<D, Position<D, A>, Position<D, B>>
    : number

type Between<D extends Dim, A extends number, B extends number> = [A] extends [never]
  ? never
  : [B] extends [never]
    ? never
    : number extends A | B
      ? number
      : number extends D
        ? Sub<B, A>
        : D extends number
          ? [Sub<D, B>] extends [never]
            ? never
            : Sub<B, A>
          : Sub<B, A>

type OutOfRange<D extends Dim, A extends number, B extends number | "", Op extends string> = Wrong<
  "sliceBounds",
  { op: Op; x: `${A}`; y: B extends "" ? ShowDim<D> : `${B}`; n: ShowDim<D> }
>

/** `S` with axis `I` cut down to a range. */
export type Slice<S extends Shape, I extends number, R extends Range, Op extends string = "slice"> =
  true extends Unranked<S>
    ? Shape
    : AxisOf<S, I, Op> extends infer At
      ? At extends number
        ? number extends At
          ? Shape
          : Ranged<S[At], R, Op> extends infer D
            ? [D] extends [number]
              ? SetAxis<S, At, One<D>>
              : D
            : never
        : At
      : never

export interface Cut {
  readonly axis: number
  readonly start: number
  readonly length: number
  readonly step: number
  readonly out: Dims
}

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
          : Inside<S[A], X> extends true
            ? Dropped<S, A, false>
            : Wrong<"index", { op: Op; x: `${X}`; n: ShowDim<S[A]> }>
        : A
      : never

type Inside<D extends Dim, X extends number> = number extends X | D
  ? true
  : D extends number
    ? `${X}` extends `-${infer N extends number}`
      ? [Sub<D, N>] extends [never]
        ? false
        : true
      : [Sub<D, X>] extends [never] | [0]
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
type Total<S extends Sizes, N extends number = 0> = S extends readonly [infer H, ...infer T extends Sizes]
  ? DimOf<H> extends infer D extends number
    ? number extends D
      ? number
      : Total<T, Add<N, D>>
    : number
  : S extends readonly []
    ? N
    : number

type AddsUp<D extends Dim, N extends number> = number extends D | N
  ? true
  : D extends number
    ? [D, N] extends [N, D]
      ? true
      : false
    : true

/** The shapes of the parts of axis `I`, or a sentence. */
export type Split<S extends Shape, I extends number, P extends Sizes, Op extends string = "split"> =
  true extends Unranked<S>
    ? { -readonly [K in keyof P]: Shape }
    : AxisOf<S, I, Op> extends infer A
      ? A extends number
        ? number extends A
          ? { -readonly [K in keyof P]: Shape }
          : AddsUp<S[A], Total<P>> extends true
            ? { -readonly [K in keyof P]: SetAxis<S, A, DimOf<P[K]>> }
            : Wrong<"split", { op: Op; x: ShowDim<S[A]>; y: Total<P> }>
        : A
      : never

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
