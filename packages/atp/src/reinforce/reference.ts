/** References: a copy of the policy that it is not to leave too far behind. */
import { Same, type Shape, Tensor } from "@noema/tensor"

/** What is added to the loss for moving away from a copy. */
export interface Reference {
  readonly name: string
  /** How far the divergence counts; 0 where there is no copy. */
  readonly weight: number
  /** What of the copy stays at each update; 1 for one that never moves, null where there is none. */
  readonly decay: number | null
}

/**
 * None: the policy may go where rewards lead it.
 *
 * @example
 * Reinforce.Reference.none.weight // => 0
 */
export const none: Reference = { name: "none", weight: 0, decay: null }

const weighed = (weight: number): number => {
  if (!(weight > 0 && Number.isFinite(weight)))
    throw new RangeError(`a reference needs a weight above 0, found ${weight}`)
  return weight
}

/**
 * The policy that the stage began with, GRPO (arXiv 2402.03300, equation 3): weight times KL(policy, copy). Throws where the
 * weight is not above 0.
 *
 * @example
 * Reinforce.Reference.frozen(0.04).decay // => 1
 * Reinforce.Reference.frozen(0) // throws a reference needs a weight above 0, found 0
 */
export const frozen = (weight: number): Reference => ({
  name: `frozen ${weight}`,
  weight: weighed(weight),
  decay: 1
})

/**
 * A copy that follows: after each update decay times the copy plus 1 - decay times the policy (WARP, arXiv 2406.16768). Throws
 * where the weight is not above 0 or the decay not below 1.
 *
 * @example
 * Reinforce.Reference.moving(0.04, { decay: 0.99 }).name // => "moving 0.04, decay 0.99"
 * Reinforce.Reference.moving(0.04, { decay: 1 }) // throws a moving reference needs a decay from 0 to below 1, found 1
 */
export const moving = (weight: number, { decay }: { readonly decay: number }): Reference => {
  if (!(decay >= 0 && decay < 1))
    throw new RangeError(`a moving reference needs a decay from 0 to below 1, found ${decay}`)
  return { name: `moving ${weight}, decay ${decay}`, weight: weighed(weight), decay }
}

/**
 * The k3 estimate of KL(policy, copy) from an action of the policy, GRPO (arXiv 2402.03300, equation 4), after Schulman's
 * note on approximating KL: exp(copy - now) - (copy - now) - 1. Never below 0, and right in the mean.
 *
 * @example
 * Reinforce.Reference.k3(Tensor.fromArray([0, 0]), Tensor.fromArray([0, Math.log(2)])) // => [0, 2 - Math.log(2) - 1]
 */
export const k3 = <S extends Shape>(now: Tensor.Tensor<S>, copy: Tensor.Tensor<NoInfer<S>>): Tensor.Tensor<S> => {
  const ahead = Same.sub(copy, now)
  return Tensor.sub(Same.sub(Tensor.exp(ahead), ahead), 1)
}
