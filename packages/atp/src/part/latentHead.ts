/** Where the next latent lies: LayerNorm(W2 gelu(W1 h)), then one linear map for the mean and one for the log-variance. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import { part } from "./part.ts"

const { spec } = Program

/**
 * A learned Gaussian over the next row.
 *
 * @example
 * const still: Part.LatentHead = { at: (hidden) => ({ mean: hidden, logVariance: Tensor.fullLike(hidden, -2) }) }
 * Policy.gaussian(still).dist(hidden).at(Tensor.onesLike(hidden)) // => [[3 + Math.exp(-1), 1 + Math.exp(-1)]]
 */
export interface LatentHead {
  /** Mean and log-variance at hidden states; the log-variance lies within -12..4, beyond which densities overflow. */
  readonly at: <B extends Shape>(
    hidden: Tensor.Tensor<[...B, "width"]>
  ) => {
    readonly mean: Tensor.Tensor<[...B, "width"]>
    readonly logVariance: Tensor.Tensor<[...B, "width"]>
  }
}

/**
 * The latent head of ATP-Latent (arXiv 2601.21598). It begins with a deviation of 0.14, since unit noise would drown an
 * untrained decoder.
 *
 * @example
 * const { logVarianceBias } = Part.latentHead().init(Key.fromSeed(1), sizes)
 * logVarianceBias.data // => [-4, -4]
 */
export const latentHead = () =>
  part({
    specs: {
      first: spec(["width", "inner"]),
      firstBias: spec(["inner"]),
      second: spec(["inner", "trunk"]),
      secondBias: spec(["trunk"]),
      scale: spec(["trunk"]),
      shift: spec(["trunk"]),
      mean: spec(["trunk", "width"]),
      meanBias: spec(["width"]),
      logVariance: spec(["trunk", "width"]),
      logVarianceBias: spec(["width"])
    },
    sizes: { inner: ({ width }) => width, trunk: ({ width }) => width },
    init: ({ width }) => ({
      first: Initial.lecun,
      firstBias: Initial.zeros,
      second: Initial.lecun,
      secondBias: Initial.zeros,
      scale: Initial.ones,
      shift: Initial.zeros,
      mean: Initial.lecun,
      meanBias: Initial.zeros,
      logVariance: Initial.normal(0.01 / Math.sqrt(width)),
      logVarianceBias: Initial.constant(-4)
    }),
    use: (p): LatentHead => ({
      at: (hidden) => {
        const inner = Tensor.dense(Tensor.gelu(Tensor.dense(hidden, p.first, p.firstBias)), p.second, p.secondBias)
        const trunk = Tensor.layerNorm(inner, p.scale, p.shift)
        return {
          mean: Tensor.dense(trunk, p.mean, p.meanBias),
          logVariance: Tensor.maximum(Tensor.minimum(Tensor.dense(trunk, p.logVariance, p.logVarianceBias), 4), -12)
        }
      }
    })
  })
