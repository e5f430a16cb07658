import { named, Tensor } from "@noema/tensor"
import type { AnyPolicy } from "./policy.ts"

/**
 * Whether a policy draws anything: one that does not gives its mode itself for any noise. Traces it once on zeros, and
 * computes nothing.
 *
 * @example
 * Policy.draws(Policy.hiddenState, 64) // => false
 * Policy.draws(Policy.noisyHiddenState(0.1), 64) // => true
 */
export const draws = (policy: AnyPolicy, width: number): boolean => {
  const hidden: Tensor.Tensor<[1, "width"]> = Tensor.zeros([1, named("width", width)])
  const dist = policy.dist<[1]>(hidden)
  return "draws" in dist || "scoresAt" in dist || dist.at(Tensor.zerosLike(hidden)) !== dist.mode
}

/**
 * Why a policy is not what it says of its noise, in a sentence, or null: one that draws scores of symbols says that its noise is
 * over the vocabulary, and no other does. Traces it once on zeros.
 */
export const undeclared = (policy: AnyPolicy, width: number): string | null => {
  const hidden: Tensor.Tensor<[1, "width"]> = Tensor.zeros([1, named("width", width)])
  const [drawn, said] = ["scoresAt" in policy.dist<[1]>(hidden), policy.over === "vocabulary"]
  if (drawn === said) return null
  return `the policy "${policy.name}" draws ${drawn ? "scores of symbols" : "no scores of symbols"}; expected its noise to be over ${drawn ? `"vocabulary"` : `"width"`}, found ${policy.over === undefined ? "nothing said" : `"${policy.over}"`}`
}
