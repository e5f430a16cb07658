/** Clips: what an action adds to the loss, given the ratio of its probabilities now and when it was taken. */
import { Same, type Shape, Tensor } from "@noema/tensor"

type Reals<S extends Shape> = Tensor.Tensor<S>

/**
 * How far a ratio of probabilities counts.
 *
 * @example
 * const soft: Reinforce.Clip.Clip = {
 *   name: "square",
 *   loss: (ratio, advantage) => Tensor.neg(Same.mul(Tensor.sqrt(ratio), advantage)),
 *   outside: (ratio) => Tensor.zerosLike(ratio)
 * }
 * soft.loss(Tensor.fromArray([4]), Tensor.fromArray([1])) // => [-2]
 */
export interface Clip {
  readonly name: string
  /** What is minimised, by action, from ratios and advantages of one shape. */
  readonly loss: <S extends Shape>(ratio: Reals<S>, advantage: Reals<NoInfer<S>>) => Reals<S>
  /** 1 where a ratio lies outside its bounds, else 0. */
  readonly outside: <S extends Shape>(ratio: Reals<S>) => Reals<S>
}

/**
 * Clip-higher, DAPO (arXiv 2503.14476): the pessimistic one of two, -min(r A, clip(r, 1 - low, 1 + high) A).
 * A wider upper bound lets unlikely actions grow.
 *
 * @example
 * const clip = Reinforce.Clip.higher(0.2, 0.28)
 * const ratio = Tensor.fromArray([1.5, 1.1, 0.5])
 * clip.loss(ratio, Tensor.ones([3])) // => [-1.28, -1.1, -0.5]
 * clip.outside(ratio) // => [1, 0, 1]
 */
export const higher = (low: number, high: number): Clip => ({
  name: low === high ? `symmetric ${low}` : `higher ${low} ${high}`,
  loss: (ratio, advantage) =>
    Tensor.neg(Same.minimum(Same.mul(ratio, advantage), Same.mul(Tensor.clip(ratio, 1 - low, 1 + high), advantage))),
  outside: (ratio) => Tensor.cast(Tensor.or(Tensor.lt(ratio, 1 - low), Tensor.gt(ratio, 1 + high)), "f32")
})

/**
 * PPO's clip (arXiv 1707.06347, equation 7): ratios count within 1 - epsilon and 1 + epsilon only.
 *
 * @example
 * const ratio = Tensor.fromArray([1.5, 0.5])
 * Reinforce.Clip.symmetric(0.2).loss(ratio, Tensor.fromArray([1, -1])) // => [-1.2, 0.8]
 */
export const symmetric = (epsilon: number): Clip => higher(epsilon, epsilon)

/**
 * Dual clip (arXiv 1912.09729): beside another clip, a bad action whose ratio has grown costs at most `bound`
 * times its disadvantage, `bound` > 1.
 *
 * @example
 * const clip = Reinforce.Clip.dual(Reinforce.Clip.symmetric(0.2), 3)
 * clip.loss(Tensor.fromArray([10]), Tensor.fromArray([-1])) // => [3]
 */
export const dual = (clip: Clip, bound: number): Clip => ({
  name: `${clip.name}, dual ${bound}`,
  loss: (ratio, advantage) => {
    const loss = clip.loss(ratio, advantage)
    return Tensor.where(Tensor.lt(advantage, 0), Same.minimum(loss, Tensor.mul(advantage, -bound)), loss)
  },
  outside: clip.outside
})

/**
 * No clip: -r A, for updates that stay with the policy that acted.
 *
 * @example
 * Reinforce.Clip.none.loss(Tensor.fromArray([1.5]), Tensor.fromArray([2])) // => [-3]
 */
export const none: Clip = {
  name: "none",
  loss: (ratio, advantage) => Tensor.neg(Same.mul(ratio, advantage)),
  outside: (ratio) => Tensor.zerosLike(ratio)
}
