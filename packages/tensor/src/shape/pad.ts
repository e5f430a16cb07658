/**
 * Cells around a tensor.
 */
import {
  type Axis,
  axesOf,
  type Box,
  type Boxed,
  type Dims,
  fromAxes,
  type Is,
  literal,
  type Literal,
  type One,
  type Shape,
  show,
  type Show
} from "./dim.ts"
import type { Unranked } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { isSize } from "./named.ts"
import type { Add } from "./nat.ts"

/** For each axis, the cells before and after. */
export type Paddings = ReadonlyArray<readonly [low: number, high: number]>

type PadDim<B, P> = P extends readonly [infer L extends number, infer H extends number]
  ? [L, H] extends [0, 0]
    ? B extends Box<infer D>
      ? D
      : never
    : Is<B, "literal"> extends true
      ? number extends One<L> | One<H>
        ? number
        : Add<Add<Literal<B>, L>, H>
      : number
  : number

type Padded<B, P> = { -readonly [K in keyof B]: PadDim<B[K], P[K & keyof P]> }

/** `S` with cells around it. */
export type Pad<S extends Shape, P extends Paddings> =
  true extends Unranked<S>
    ? Shape
    : number extends P["length"]
      ? Shape
      : P["length"] extends S["length"]
        ? Padded<Boxed<S>, P> extends infer R extends Shape
          ? R
          : never
        : Wrong<"axisCount", { op: "pad"; a: Show<S>; n: S["length"]; m: P["length"] }>

/** The run-time side of `Pad`. */
export const pad = (dims: Dims, paddings: Paddings): Dims => {
  if (paddings.length !== dims.sizes.length) {
    wrong("axisCount", { op: "pad", a: show(dims.shape), n: dims.sizes.length, m: paddings.length })
  }
  const axes = axesOf(dims).map((axis, i): Axis => {
    const [low, high] = paddings[i]!
    for (const n of [low, high]) if (!isSize(n)) wrong("size", { op: "pad", x: n })
    return low + high === 0 ? axis : literal(axis.size + low + high)
  })
  return fromAxes(axes)
}
