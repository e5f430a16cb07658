import { type Dim, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { BadPolicy } from "../policy/errors.ts"
import { entropy as entropyOf, softened } from "../policy/mixture.ts"
import { type SureRule, type Watching, watching } from "./stop.ts"

/** When a model is sure enough of its next symbol, for long enough. */
export interface ColdStopOptions {
  /** The entropy, in nats, below which a state is sure. */
  readonly entropy: number
  /** So many successive sure states are enough. */
  readonly patience: number
  /** Of the softmax that the entropy is of; 1 unless given. */
  readonly temperature?: number
}

/**
 * Cold Stop, Soft Thinking (arXiv 2505.15778): enough where the language head has been sure of the next symbol at so many
 * successive latents, whatever the latents are. One state that is not sure begins the count anew. Throws `BadPolicy` where
 * the patience is no whole number from 1 or the entropy is not above 0.
 *
 *     n_t = H(softmax(l_t / T)) < theta ? n_(t-1) + 1 : 0;  stop where n_t >= patience
 *
 *     stop: ({ backbone }) => Stop.coldStop(backbone, { entropy: 0.1, patience: 3 })
 *
 * @example
 * const rule = Stop.coldStop(backbone, { entropy: 2.1, patience: 2 })
 * const first = rule.watch()({ latent: hidden, hidden })
 * first.stops // => [false]
 * first.next({ latent: hidden, hidden }).stops // => [true]
 * Stop.coldStop(backbone, { entropy: 0.1, patience: 0 })
 * // throws a cold stop needs a patience that is a whole number from 1, found 0
 */
export const coldStop = (
  { logits }: Pick<Backbone, "logits">,
  { entropy, patience, temperature = 1 }: ColdStopOptions
): SureRule => {
  if (!(Number.isSafeInteger(patience) && patience >= 1))
    throw new BadPolicy({ reason: `a cold stop needs a patience that is a whole number from 1, found ${patience}` })
  if (!(entropy > 0 && temperature > 0))
    throw new BadPolicy({
      reason: `a cold stop needs an entropy and a temperature above 0, found ${entropy} and ${temperature}`
    })
  return watching(`cold stop below ${entropy} for ${patience}`, <B extends Dim>() => {
    const after =
      (before: Tensor.Tensor<[B]> | null): Watching<B> =>
      ({ hidden }) => {
        const uncertain = entropyOf<[B]>(softened(logits<[B]>(hidden), temperature))
        const more = Tensor.add(before ?? Tensor.zerosLike(uncertain), 1)
        const count = Tensor.where(Tensor.lt(uncertain, entropy), more, 0)
        return { stops: Tensor.ge(count, patience), next: after(count) }
      }
    return after(null)
  })
}
