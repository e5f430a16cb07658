/** Parts of tensors. */
import * as build from "../graph/build.ts"
import type { Cut } from "../shape/slice.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

/** The part of a tensor that a rule has worked out. */
export const cut = (x: AnyTensor, { axis, start, length, step, out }: Cut): Tensor<any, any> => {
  const node = build.slice(
    x.node,
    x.sizes.map((_, i) => (i === axis ? start : 0)),
    x.sizes.with(axis, length),
    x.sizes.map((_, i) => (i === axis ? step : 1))
  )
  return fromRule(build.reshape(node, out.sizes), out)
}
