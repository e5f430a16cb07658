/** The small networks on top of a backbone: where the next latent lies, and whether to stop. */
import { derive, type Key } from "../random/key.ts"
import * as g from "./graph.ts"
import type { Reals } from "./graph.ts"
import { gelu, linear } from "./llama.ts"
import { filled, linearValues, normal, type Values } from "./parameters.ts"

/** LayerNorm(W2 gelu(W1 h)), then one linear map for the mean and one for the log-variance. */
export interface LatentHead<L> {
  readonly first: L
  readonly firstBias: L
  readonly second: L
  readonly secondBias: L
  readonly scale: L
  readonly shift: L
  readonly mean: L
  readonly meanBias: L
  readonly logVariance: L
  readonly logVarianceBias: L
}

/** W2 gelu(W1 z): two logits, the second for stopping. */
export interface StopHead<L> {
  readonly first: L
  readonly firstBias: L
  readonly second: L
  readonly secondBias: L
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

export const initialStopHead = (key: Key, width: number): StopHead<Values> => ({
  first: linearValues(derive(key, "first"), width, width),
  firstBias: filled([width], 0),
  second: linearValues(derive(key, "second"), width, 2),
  secondBias: filled([2], 0)
})

const layerNorm = (x: Reals, scale: Reals, shift: Reals): Reals => {
  const last = x.sizes.length - 1
  const centred = g.sub(x, g.expand(g.mean(x, last), last))
  const spread = g.rsqrt(g.add(g.mean(g.square(centred), last), 1e-5))
  return g.add(g.mul(g.mul(centred, g.expand(spread, last)), scale), shift)
}

/** Mean and log-variance of the next latent, both [..., width]; the log-variance lies within -12..4. */
export const latentDistribution = (
  head: LatentHead<Reals>,
  hidden: Reals
): { readonly mean: Reals; readonly logVariance: Reals } => {
  const inner = linear(gelu(linear(hidden, head.first, head.firstBias)), head.second, head.secondBias)
  const trunk = layerNorm(inner, head.scale, head.shift)
  return {
    mean: linear(trunk, head.mean, head.meanBias),
    // Outside these bounds log-densities overflow.
    logVariance: g.maximum(g.minimum(linear(trunk, head.logVariance, head.logVarianceBias), 4), -12)
  }
}

/** Logits [..., 2] of going on and of stopping, from the latent itself. */
export const stopLogits = (head: StopHead<Reals>, latent: Reals): Reals =>
  linear(gelu(linear(latent, head.first, head.firstBias)), head.second, head.secondBias)
