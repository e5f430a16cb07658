/** The rewards of reinforcement by name: the full one of ATP-Latent, its two ablations, and two controls. */
import { coherence, type CoherenceMode } from "./coherence.ts"
import { randomReward, shuffled } from "./controls.ts"
import { correctness, format, perLatent } from "./correctness.ts"
import { gate, weighted } from "./algebra.ts"
import type { Reward } from "./reward.ts"

/**
 * The rewards of the command line by name.
 *
 * @example
 * Reward.rewardNames.map((name) => Reward.recipe(name).range[1]) // => [1.6, 1.5, 1.5, 1, 1.5, 100, 1]
 */
export const rewardNames = ["full", "accuracy", "coherence", "random", "shuffled", "graded", "per-latent"] as const
/** One of them. */
export type RewardName = (typeof rewardNames)[number]

/**
 * The rewards of the command line:
 *
 * - `full`: correctness, format, and coherence where the answer is correct (ATP-Latent, arXiv 2601.21598).
 * - `accuracy`: the same without coherence.
 * - `coherence`: format and coherence; no answers are looked at.
 * - `graded`: 100 for a right answer, 10 for a wrong one in the right form, else 0 (Soft Tokens, arXiv 2509.19170).
 * - `per-latent`: a right answer, divided by the latents that it took (CoLaR, arXiv 2505.16552).
 * - `random`: a coin. `shuffled`: format, and the coherence of another attempt.
 *
 * @example
 * Reward.recipe("full").name // => "1 correct + 0.5 format + 0.1 coherence (strict) if correct"
 * const wrong = Reward.attempt({ problem, language: Task.equations, output: "### 11" })
 * (yield* Reward.score(Reward.recipe("graded"), [wrong], Key.fromSeed(1)))[0].total // => 10
 */
export const recipe = (
  name: RewardName,
  mode: CoherenceMode = "strict",
  [correct, formed, coherent]: readonly [number, number, number] = [1, 0.5, 0.1]
): Reward => {
  switch (name) {
    case "full":
      return weighted([
        [correct, correctness],
        [formed, format],
        [coherent, gate(coherence(mode), correctness)]
      ])
    case "accuracy":
      return weighted([
        [correct, correctness],
        [formed, format]
      ])
    case "coherence":
      return weighted([
        [formed, format],
        [1, coherence(mode)]
      ])
    case "graded":
      return weighted([
        [90, correctness],
        [10, format]
      ])
    case "per-latent":
      return perLatent
    case "random":
      return randomReward
    case "shuffled":
      return weighted([
        [formed, format],
        [1, shuffled(coherence(mode))]
      ])
  }
}
