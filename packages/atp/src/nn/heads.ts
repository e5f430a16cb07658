/** The small networks on top of a backbone: where the next latent lies, and whether to stop. */
import type { Dim, Shape, Tensor } from "@noema/tensor"
import { derive, type Key } from "../random/key.ts"
import * as g from "./graph.ts"
import type { EndsIn, Reals, Rows } from "./graph.ts"
import { gelu, linear } from "./llama.ts"
import { filled, type Leaf, linearValues, normal, type Values } from "./parameters.ts"

/** LayerNorm(W2 gelu(W1 h)), then one linear map for the mean and one for the log-variance. */
export interface LatentHead<L> {
  readonly first: Leaf<L, ["width", "inner"]>
  readonly firstBias: Leaf<L, ["inner"]>
  readonly second: Leaf<L, ["inner", "trunk"]>
  readonly secondBias: Leaf<L, ["trunk"]>
  readonly scale: Leaf<L, ["trunk"]>
  readonly shift: Leaf<L, ["trunk"]>
  readonly mean: Leaf<L, ["trunk", "width"]>
  readonly meanBias: Leaf<L, ["width"]>
  readonly logVariance: Leaf<L, ["trunk", "width"]>
  readonly logVarianceBias: Leaf<L, ["width"]>
}

/** W2 gelu(W1 z): two logits, the second for stopping. */
export interface StopHead<L> {
  readonly first: Leaf<L, ["width", "inner"]>
  readonly firstBias: Leaf<L, ["inner"]>
  readonly second: Leaf<L, ["inner", 2]>
  readonly secondBias: Leaf<L, [2]>
}

/** First parameters; latents begin with a deviation of 0.14, since unit noise would drown an untrained decoder. */
export const initialLatentHead = (key: Key, width: number): LatentHead<Values> => ({
  first: linearValues(derive(key, "first"), width, width),
  firstBias: filled([width], 0),
  second: linearValues(derive(key, "second"), width, width),
  secondBias: filled([width], 0),
  scale: filled([width], 1),
  shift: filled([width], 0),
  mean: linearValues(derive(key, "mean"), width, width),
  meanBias: filled([width], 0),
  logVariance: normal(derive(key, "logVariance"), [width, width], 0.01 / Math.sqrt(width)),
  logVarianceBias: filled([width], -4)
})

/** First parameters of a stop head. */
export const initialStopHead = (key: Key, width: number): StopHead<Values> => ({
  first: linearValues(derive(key, "first"), width, width),
  firstBias: filled([width], 0),
  second: linearValues(derive(key, "second"), width, 2),
  secondBias: filled([2], 0)
})

const layerNorm = <N extends Dim>(
  x: Rows<N>,
  scale: Tensor.Tensor<readonly [NoInfer<N>]>,
  shift: Tensor.Tensor<readonly [NoInfer<N>]>
): Rows<N> => {
  const last = x.sizes.length - 1
  const centred: Reals = g.sub(x as Reals, g.expand(g.mean(x, last), last))
  const spread = g.rsqrt(g.add(g.mean(g.square(centred), last), 1e-5))
  return g.add(g.mul(g.mul(centred, g.expand(spread, last)), scale), shift) as Rows<N>
}

/** Mean and log-variance of the next latent, both [..., width]; the log-variance lies within -12..4. */
export const latentDistribution = <S extends Shape>(
  head: LatentHead<Reals>,
  hidden: Tensor.Tensor<S> & EndsIn<S, "width", "latentDistribution">
): { readonly mean: Rows<"width">; readonly logVariance: Rows<"width"> } => {
  const rows: Reals = hidden
  const inner = linear(gelu(linear(rows, head.first, head.firstBias)), head.second, head.secondBias)
  const trunk = layerNorm(inner, head.scale, head.shift)
  return {
    mean: linear(trunk, head.mean, head.meanBias),
    // Outside these bounds log-densities overflow.
    logVariance: g.maximum(g.minimum(linear(trunk, head.logVariance, head.logVarianceBias), 4), -12)
  }
}

/** Logits [..., 2] of going on and of stopping, from the latent itself. */
export const stopLogits = <S extends Shape>(
  head: StopHead<Reals>,
  latent: Tensor.Tensor<S> & EndsIn<S, "width", "stopLogits">
): Rows<2> => linear(gelu(linear(latent as Reals, head.first, head.firstBias)), head.second, head.secondBias)
