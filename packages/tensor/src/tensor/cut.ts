/** Parts of tensors. */
import * as G from "../graph/algebra.ts"
import type { Cut } from "../shape/cut.ts"
import { type AnyTensor, fromRule, type Tensor } from "./value.ts"

/** The part of a tensor that a rule has worked out. */
export const cut = (x: AnyTensor, { axis, start, length, step, out }: Cut): Tensor<any, any> => {
  const node = G.slice(
    x.node,
    x.sizes.map((_, i) => (i === axis ? start : 0)),
    x.sizes.with(axis, length),
    x.sizes.map((_, i) => (i === axis ? step : 1))
  )
  return fromRule(G.reshape(node, out.sizes), out)
}
