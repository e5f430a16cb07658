/** What a random vector is drawn from where its step is not known: W2 relu(W1 h), mean and log-variance (MARCOS, arXiv 2509.25020). */
import { Program, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import type { LatentHead } from "./latentHead.ts"
import { part } from "./part.ts"

const { spec } = Program

/**
 * The head g of MARCOS (arXiv 2509.25020), as a head of latents; its log-variance lies within -12..4.
 *
 * @example
 * const head = Part.priorHead()
 * const { at } = head.use(Program.zeros(head.specs(sizes), head.names(sizes)), { sizes, backbone })
 * at(hidden).logVariance // => [[0, 0]]
 */
export const priorHead = () =>
  part({
    specs: {
      first: spec(["width", "inner"]),
      firstBias: spec(["inner"]),
      mean: spec(["inner", "width"]),
      meanBias: spec(["width"]),
      logVariance: spec(["inner", "width"]),
      logVarianceBias: spec(["width"])
    },
    sizes: { inner: ({ width }) => width },
    init: {
      first: Initial.he,
      firstBias: Initial.zeros,
      mean: Initial.lecun,
      meanBias: Initial.zeros,
      logVariance: Initial.lecun,
      logVarianceBias: Initial.zeros
    },
    use: (p): LatentHead => ({
      at: (hidden) => {
        const inner = Tensor.relu(Tensor.dense(hidden, p.first, p.firstBias))
        return {
          mean: Tensor.dense(inner, p.mean, p.meanBias),
          logVariance: Tensor.maximum(Tensor.minimum(Tensor.dense(inner, p.logVariance, p.logVarianceBias), 4), -12)
        }
      }
    })
  })
