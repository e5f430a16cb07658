/** A weight of a term that is controlled: it follows how far something is from its target. */
import { stopGradient } from "@noema/autodiff"
import { Program, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import { part } from "./part.ts"

const { spec } = Program

/** A controlled weight. */
export interface Multiplier {
  /** What it is now: a constant for everything that it weighs. */
  readonly weight: Tensor.Tensor<[]>
  /** Nothing, with a gradient by which the weight rises where `excess` is above 0 and else falls, within its bounds. */
  readonly rising: (excess: Tensor.Tensor<[]>) => Tensor.Tensor<[]>
}

/** Small beside other gradients, so that a bound on their norm does not see it; Adam divides by it. */
const pull = 1e-3

/**
 * A weight that the optimiser moves: its logarithm has a gradient of fixed size and changing sign, of which Adam makes steps
 * of one learning rate, so that the weight is multiplied by exp(rate) or exp(-rate) with every update. Throws where the first
 * weight is not above 0 and within its bounds.
 *
 * @example
 * const sparse = Part.multiplier({ first: 1e-4, least: 1e-6, most: 0.1 })
 * sparse.use({ log: Tensor.scalar(Math.log(0.5)) }, { sizes, backbone }).weight // => 0.1
 * Part.multiplier({ first: 1, least: 1e-6, most: 0.1 })
 * // throws a multiplier begins above 0 and within its bounds, found 1 in 0.000001..0.1
 */
export const multiplier = ({
  first,
  least,
  most
}: {
  readonly first: number
  readonly least: number
  readonly most: number
}) => {
  if (!(0 < least && least <= first && first <= most && most < Infinity))
    throw new RangeError(`a multiplier begins above 0 and within its bounds, found ${first} in ${least}..${most}`)
  return part({
    specs: { log: spec([]) },
    init: { log: Initial.constant(Math.log(first)) },
    use: ({ log }): Multiplier => ({
      weight: stopGradient(Tensor.minimum(Tensor.maximum(Tensor.exp(log), least), most)),
      rising: (excess) => {
        const rises = Tensor.gt(excess, 0)
        const isFree = Tensor.where(rises, Tensor.lt(log, Math.log(most)), Tensor.gt(log, Math.log(least)))
        const sign = Tensor.where(isFree, Tensor.where(rises, -pull, pull), 0)
        return Tensor.mul(Tensor.sub(log, stopGradient(log)), stopGradient(sign))
      }
    })
  })
}
