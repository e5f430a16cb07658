/** Gaussian policies: their density and their divergence from N(0, 1), by coordinate. */
import { type Shape, Tensor } from "@noema/tensor"
import { BadPolicy } from "./errors.ts"
import type { LatentHead } from "../part/latentHead.ts"
import type { StepPolicy } from "./policy.ts"

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI)

/**
 * log N(action; mean, deviation^2) by coordinate. The difference is taken before it is squared, which keeps small
 * deviations exact in single precision.
 *
 * @example
 * Policy.gaussianLogProb(Tensor.scalar(3), Tensor.scalar(3), Tensor.scalar(1)) // => -0.5 * Math.log(2 * Math.PI)
 */
export const gaussianLogProb = <S extends Shape>(
  action: Tensor.Tensor<S>,
  mean: Tensor.Tensor<S>,
  deviation: Tensor.Tensor<S>
): Tensor.Tensor<S> => {
  const distance = Tensor.div(Tensor.sub(action, mean), deviation)
  return Tensor.sub(Tensor.sub(Tensor.mul(Tensor.square(distance), -0.5), Tensor.log(deviation)), halfLogTwoPi)
}

/**
 * The entropy of N(mean, deviation^2) by coordinate, in nats: log(deviation) + log(2 pi e) / 2, whatever the mean. Of any shape,
 * which the result has.
 *
 * @example
 * Policy.gaussianEntropy(Tensor.scalar(2)) // => Math.log(2) + 0.5 * Math.log(2 * Math.PI * Math.E)
 */
export const gaussianEntropy = <S extends Shape>(deviation: Tensor.Tensor<S>): Tensor.Tensor<S> =>
  Tensor.add(Tensor.log(deviation), halfLogTwoPi + 0.5)

/**
 * KL(N(mean, exp(logVariance)) || N(0, 1)), by coordinate: (mean^2 + exp(logVariance) - 1 - logVariance) / 2
 * (arXiv 1312.6114, appendix B).
 *
 * @example
 * Policy.gaussianKl(Tensor.fromArray([0, 2]), Tensor.fromArray([0, 0])) // => [0, 2]
 */
export const gaussianKl = <S extends Shape>(mean: Tensor.Tensor<S>, logVariance: Tensor.Tensor<S>): Tensor.Tensor<S> =>
  Tensor.mul(Tensor.sub(Tensor.sub(Tensor.add(Tensor.square(mean), Tensor.exp(logVariance)), 1), logVariance), 0.5)

/** How a learned Gaussian draws, beside its head. */
export interface GaussianOptions {
  /** The least deviation: reinforcement needs some, or there is nothing to explore. */
  readonly floor?: number
  /** What the learned deviation is multiplied with; 1 unless given. */
  readonly temperature?: number
  /** What the latent of the head is multiplied with to be a row, such as the deviation of a table; 1 unless given. */
  readonly scale?: Tensor.Tensor<[]>
}

/**
 * A learned Gaussian: z = mean + deviation * noise from the latent head, with the divergence from N(0, I). With a scale
 * the row is that many times z, and densities are those of rows; the divergence is that of z. Throws `BadPolicy` where the
 * temperature is not above 0.
 *
 * @example
 * const { at, kl, mode } = Policy.gaussian(head).dist(hidden)
 * mode // => [[3, 1]]
 * at(Tensor.onesLike(hidden)) // => [[4, 2]]
 * kl // => [[4.5, 0.5]]
 * Policy.gaussian(head, { floor: 0.4 }).name // => "gaussian, deviation at least 0.4"
 */
export const gaussian = (
  head: LatentHead,
  { floor = 0, scale, temperature = 1 }: GaussianOptions = {}
): StepPolicy<"scored"> => {
  if (!(temperature > 0))
    throw new BadPolicy({ reason: `a Gaussian policy needs a temperature above 0, found ${temperature}` })
  return {
    name: [
      "gaussian",
      ...(floor > 0 ? [`deviation at least ${floor}`] : []),
      ...(temperature === 1 ? [] : [`temperature ${temperature}`])
    ].join(", "),
    density: "scored",
    sampling: "reparameterised",
    dist: (hidden) => {
      const { logVariance, mean: own } = head.at(hidden)
      const learned = Tensor.exp(Tensor.mul(logVariance, 0.5))
      const warmed = temperature === 1 ? learned : Tensor.mul(learned, temperature)
      const least = floor > 0 ? Tensor.maximum(warmed, floor) : warmed
      const scaled = (x: typeof own) => (scale === undefined ? x : Tensor.mul(x, scale))
      const [mean, deviation] = [scaled(own), scaled(least)]
      return {
        mode: mean,
        at: (noise) => Tensor.add(mean, Tensor.mul(deviation, noise)),
        logProb: (action) => gaussianLogProb(action, mean, deviation),
        entropy: gaussianEntropy(deviation),
        kl: gaussianKl(own, logVariance)
      }
    }
  }
}
