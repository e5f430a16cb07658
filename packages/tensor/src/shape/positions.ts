/**
 * Positions of rows: one for each of the last axis of rows [...b, h, n], which all share or which heads share.
 */
import { stretches, type Stretches } from "./broadcast.ts"
import {
  axesOf,
  type Boxed,
  type Dim,
  type Dims,
  fromAxes,
  type Shape,
  show,
  type ShowBoxes,
  type Unify
} from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"

/** Whether positions `P` are those of rows `R`: [n], [...b, n] or [...b, h, n] of [...b, h, n]; or a sentence. */
export type Positions<N extends Dim, R extends Shape, P extends Shape, Op extends string> = [P] extends [readonly [N]]
  ? true
  : [Shape] extends [P]
    ? true
    : Placed<Boxed<R>, Boxed<P>> extends true
      ? true
      : Wrong<"broadcastTo", { op: Op; a: ShowBoxes<Boxed<P>>; b: ShowBoxes<Boxed<R>> }>

type Placed<R, P> = R extends readonly [...infer RI, infer RN]
  ? P extends readonly [infer PN]
    ? Unify<PN, RN> extends null
      ? false
      : true
    : R extends readonly [...infer RB, unknown, unknown]
      ? P["length" & keyof P] extends [...RB, RN]["length"]
        ? Stretches<P, [...RB, RN]>
        : P["length" & keyof P] extends [...RI, RN]["length"]
          ? Stretches<P, R>
          : false
      : false
  : true

/**
 * The run-time side of `Positions`: for each axis of positions the axis of rows it is, counted from the front. Throws
 * `ShapeError`.
 */
export const positions = (op: string, rows: Dims, of: Dims): ReadonlyArray<number> => {
  const [rank, own] = [rows.sizes.length, of.sizes.length]
  const last = rank - 1
  const axes = rows.sizes.map((_, axis) => axis)
  const placed = own === 1 ? [last] : own === rank - 1 ? [...axes.slice(0, -2), last] : own === rank ? axes : null
  if (placed === null) return wrong("broadcastTo", { op, a: show(of.shape), b: show(rows.shape) })
  const all = axesOf(rows)
  const fits = stretches(op, of, fromAxes(placed.map((axis) => all[axis]!)))
  return fits ? placed : wrong("broadcastTo", { op, a: show(of.shape), b: show(rows.shape) })
}
