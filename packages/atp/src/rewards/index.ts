/** What attempts are worth: rewards, their algebra, those that are there, and the laws that all of them keep. */
export { clamp, gate, mapTotal, named, weighted, zip } from "./algebra.ts"
export { type Attempt, answerOf, type Latents, make as attempt } from "./attempt.ts"
export { coherence, type CoherenceMode } from "./coherence.ts"
export { randomReward as random, shuffled } from "./controls.ts"
export { correctness, format, perLatent, sameAnswer } from "./correctness.ts"
export { RewardFailed, type RewardLaw, RewardLawBroken } from "./errors.ts"
export { checkRewardLaws as checkLaws } from "./laws.ts"
export { learned } from "./learned.ts"
export { likelihood } from "./likelihood.ts"
export { recipe, type RewardName, rewardNames } from "./recipes.ts"
export {
  type ErrorOf,
  type Kind,
  type NeedsOf,
  type PaceOptions,
  perAttempt,
  type PerAttemptOptions,
  perAttemptEffect,
  provideService,
  type Range,
  type Reward,
  type Score
} from "./reward.ts"
export { scoresOf as score } from "./scoring.ts"
export { chainSolves, goldStepMatch, stepValidity } from "./steps.ts"
