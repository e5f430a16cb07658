/** Evaluation: attempts at held-out questions, and what they come to. */
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { fromSeed } from "../random/key.ts"
import type { Key } from "../random/key.ts"
import type { GenerateError, Generator, Rollout } from "../reasoning/generate.ts"
import { coherence } from "../rewards/coherence.ts"
import type { Reward } from "../rewards/reward.ts"
import { chainSolves, goldStepMatch, stepValidity } from "../rewards/steps.ts"
import { byDifficulty, isRight, latentUse, meanPassAtK, rankCorrelation, summarise, type Summary } from "./metrics.ts"

/** What one attempt per problem of a set comes to; the attempts themselves are kept. */
export interface Evaluation extends Summary {
  readonly set: string
  readonly byDifficulty: ReturnType<typeof byDifficulty>
  readonly latentUse: ReturnType<typeof latentUse>
  /** Rank correlation of latents used, or steps written, with gold steps. */
  readonly adaptivity: number
  /** Means over attempts that have steps to judge: strict and code coherence, truth, gold steps, whole chains. */
  readonly coherence: number
  readonly coherenceByCode: number
  readonly validity: number
  readonly goldSteps: number
  readonly wholeChains: number
  readonly rollouts: ReadonlyArray<Rollout>
}

const meanReward = (reward: Reward, rollouts: ReadonlyArray<Rollout>): number => {
  const scores = Effect.runSync(
    reward.score(
      rollouts.map(({ trajectory }) => trajectory),
      fromSeed(0)
    )
  )
  return scores.reduce((sum, { total }) => sum + total, 0) / Math.max(1, scores.length)
}

/** One attempt per problem and everything measured on them. */
export const evaluate = Effect.fnUntraced(function* (
  generator: Generator,
  set: string,
  problems: ReadonlyArray<Problem>,
  key: Key
): Effect.fn.Return<Evaluation, GenerateError> {
  const rollouts = yield* generator.run(problems, key)
  return {
    set,
    ...summarise(rollouts),
    byDifficulty: byDifficulty(rollouts),
    latentUse: latentUse(rollouts),
    adaptivity: rankCorrelation(
      rollouts.map(({ trajectory }) => trajectory.problem.steps.length),
      rollouts.map(({ latents, trajectory }) => Math.max(latents, trajectory.steps.length))
    ),
    coherence: meanReward(coherence("strict"), rollouts),
    coherenceByCode: meanReward(coherence("code"), rollouts),
    validity: meanReward(stepValidity, rollouts),
    goldSteps: meanReward(goldStepMatch, rollouts),
    wholeChains: meanReward(chainSolves, rollouts),
    rollouts
  }
})

/** pass@k for k = 1, 2, 4, ... up to `attempts`; the generator should sample. */
export const passCurve = Effect.fnUntraced(function* (
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  attempts: number,
  key: Key
): Effect.fn.Return<ReadonlyArray<readonly [k: number, share: number]>, GenerateError> {
  const repeated = problems.flatMap((problem) => Array.from({ length: attempts }, () => problem))
  const rollouts = yield* generator.run(repeated, key)
  const right = problems.map((_, i) =>
    rollouts.slice(i * attempts, (i + 1) * attempts).map(({ trajectory }) => isRight(trajectory))
  )
  const ks = Array.from({ length: Math.floor(Math.log2(attempts)) + 1 }, (_, i) => 2 ** i)
  return ks.map((k) => [k, meanPassAtK(right, k)] as const)
})
