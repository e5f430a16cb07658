/**
 * Cells around a tensor.
 */
import type { AddDim } from "./concat.ts"
import {
  type AxisDim,
  axesOf,
  type Dim,
  type Dims,
  fromAxes,
  literal,
  type One,
  type Shape,
  show,
  type Show
} from "./dim.ts"
import type { Unranked } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import { isSize } from "./named.ts"

/** For each axis, the cells before and after. */
export type Paddings = ReadonlyArray<readonly [low: number, high: number]>

type PadDim<D extends Dim, P> = P extends readonly [infer L extends number, infer H extends number]
  ? [L, H] extends [0, 0]
    ? D
    : AddDim<AddDim<D, One<L>>, One<H>>
  : number

/** `S` with cells around it. */
export type Pad<S extends Shape, P extends Paddings> =
  true extends Unranked<S>
    ? Shape
    : number extends P["length"]
      ? Shape
      : P["length"] extends S["length"]
        ? { -readonly [K in keyof S]: PadDim<S[K], P[K & keyof P]> } extends infer R extends Shape
          ? R
          : never
        : Wrong<"axisCount", { op: "pad"; a: Show<S>; n: S["length"]; m: P["length"] }>

/** The run-time side of `Pad`. */
export const pad = (dims: Dims, paddings: Paddings): Dims => {
  if (paddings.length !== dims.sizes.length) {
    wrong("axisCount", { op: "pad", a: show(dims.shape), n: dims.sizes.length, m: paddings.length })
  }
  const axes = axesOf(dims).map((axis, i): AxisDim => {
    const [low, high] = paddings[i]!
    for (const n of [low, high]) if (!isSize(n)) wrong("size", { op: "pad", x: n })
    return low + high === 0 ? axis : literal(axis.size + low + high)
  })
  return fromAxes(axes)
}
