/** Importance ratios: how much likelier an action has become since it was taken. */
import { stopGradient } from "@noema/autodiff"
import { type Dim, Same, Tensor } from "@noema/tensor"
import { chosen } from "./tokens.ts"

type Reals<B extends Dim, T extends Dim, C extends Dim> = Tensor.Tensor<[B, T, C]>

/**
 * From log-probabilities [batch, time, components], now and when the actions were taken, to ratios.
 *
 * @example
 * const half: Reinforce.Ratio.Ratio = {
 *   name: "half the difference",
 *   of: (now, before) => Tensor.exp(Tensor.mul(Same.sub(now, before), 0.5))
 * }
 * half.of(Tensor.fromArray([[[2]]]), Tensor.zeros([1, 1, 1]), Tensor.ones([1, 1])) // => [[[Math.E]]]
 */
export interface Ratio {
  readonly name: string
  readonly of: <B extends Dim, T extends Dim, C extends Dim>(
    now: Reals<B, T, C>,
    before: Reals<NoInfer<B>, NoInfer<T>, NoInfer<C>>,
    live: Tensor.Tensor<[NoInfer<B>, NoInfer<T>]>
  ) => Reals<B, T, C>
}

const held = (limit: number) => (Number.isFinite(limit) ? ` within ${limit}` : "")

/**
 * By token, PPO and GRPO (arXiv 2402.03300, equation 3): exp(now - before), the difference held within `limit`.
 *
 * @example
 * const [now, before] = [Tensor.fromArray([[[1], [9]]]), Tensor.zeros([1, 2, 1])]
 * Reinforce.Ratio.token({ limit: 2 }).of(now, before, Tensor.ones([1, 2])) // => [[[Math.E], [Math.E ** 2]]]
 */
export const token = ({ limit = Number.POSITIVE_INFINITY }: { readonly limit?: number } = {}): Ratio => ({
  name: `token${held(limit)}`,
  of: (now, before) => {
    const difference = Same.sub(now, before)
    return Tensor.exp(Number.isFinite(limit) ? Tensor.clip(difference, -limit, limit) : difference)
  }
})

/**
 * By sequence, GSPO (arXiv 2507.18071, equation 7): every live action of a row has the geometric mean of the row's ratios,
 * exp of the mean difference. Lengths do not change how far a row counts.
 *
 * @example
 * const [now, before] = [Tensor.fromArray([[[1], [3]]]), Tensor.zeros([1, 2, 1])]
 * Reinforce.Ratio.sequence().of(now, before, Tensor.ones([1, 2])) // => [[[Math.E ** 2], [Math.E ** 2]]]
 */
export const sequence = ({ limit = Number.POSITIVE_INFINITY }: { readonly limit?: number } = {}): Ratio => ({
  name: `sequence${held(limit)}`,
  of: (now, before, live) => {
    const difference = Same.sub(now, before)
    const counts = Tensor.mul(Tensor.onesLike(difference), Tensor.expandDims(live, 2))
    const total = Tensor.sum(chosen(difference, counts), [1, 2], { keepDims: true })
    const actions = Tensor.sum(counts, [1, 2], { keepDims: true })
    const mean = Tensor.div(total, Tensor.maximum(actions, 1))
    const within = Number.isFinite(limit) ? Tensor.clip(mean, -limit, limit) : mean
    return Tensor.exp(Tensor.add(Tensor.zerosLike(difference), within))
  }
})

/**
 * None, REINFORCE (Williams 1992): 1, with the gradient of the log-probability, whatever has changed since the action was
 * taken.
 *
 * @example
 * const [now, before] = [Tensor.fromArray([[[1], [3]]]), Tensor.zeros([1, 2, 1])]
 * Reinforce.Ratio.none.of(now, before, Tensor.ones([1, 2])) // => [[[1], [1]]]
 */
export const none: Ratio = {
  name: "none",
  of: (now) => Tensor.exp(Same.sub(now, stopGradient(now)))
}
