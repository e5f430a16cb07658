/** Replay: what a model was trained on before goes on beside the policy gradient, so that it is not forgotten. */

/** How many chains are gone over beside every update, and how far the policy gradient counts beside them. */
export interface Replay {
  readonly name: string
  /** Training chains of each update; 0 without replay. */
  readonly chains: number
  /** What the loss of the policy gradient is multiplied with. */
  readonly weight: number
}

/**
 * None: L = L_RL.
 *
 * @example
 * Reinforce.Replay.none.chains // => 0
 */
export const none: Replay = { name: "none", chains: 0, weight: 1 }

/**
 * The method's whole supervised loss on so many training chains at its last phase, with its own policy that explores
 * nothing, beside the policy gradient: L = weight L_RL + L_supervised (Christiano et al. and InstructGPT's PPO-ptx,
 * arXiv 2203.02155). A weight of 0 is the control in which nothing is reinforced: no attempt is made. Throws where chains are no
 * whole number from 1, or the weight is below 0.
 *
 * @example
 * Reinforce.Replay.chains(64, { weight: 0.2 }).name // => "64 chains, weight 0.2"
 * Reinforce.Replay.chains(0, { weight: 0.2 }) // throws a replay needs a whole number of chains from 1, found 0
 */
export const chains = (count: number, { weight }: { readonly weight: number }): Replay => {
  if (!(Number.isSafeInteger(count) && count >= 1))
    throw new RangeError(`a replay needs a whole number of chains from 1, found ${count}`)
  if (!(weight >= 0 && Number.isFinite(weight)))
    throw new RangeError(`a replay needs a weight of the policy gradient from 0, found ${weight}`)
  return { name: `${count} chains, weight ${weight}`, chains: count, weight }
}
