/** Reward models in a pipeline: what was trained takes the place of `Reward.learned`. */
import type { Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { hold } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import { latentRm } from "../ranking/model.ts"
import { rewardOf } from "../ranking/reward.ts"
import { learned } from "../rewards/learned.ts"
import { substituted } from "../rewards/algebra.ts"
import { partsOf, type Reward } from "../rewards/reward.ts"
import type { GenerateError } from "../rollout/generate.ts"
import type { Search } from "../search/search.ts"
import { type Experiment, wordingOf } from "../train/experiment.ts"

/** A reward model that was trained, on what a method thinks. */
export interface Ranker {
  readonly method: Method
  readonly parameters: Program.AnyValues
}

const isLearned = <E, R>(reward: Reward<E, R>): boolean => partsOf(reward).some((part) => Object.is(part, learned))

/** What judges, of a stage: rewards that are scored or watched, and what a search judges by. */
export interface Judging<out E, out R> {
  readonly reward?: Reward<E, R>
  readonly search?: Search<E, R>
  readonly watch?: ReadonlyArray<Reward<E, R>>
}

/** Whether any of it is the reward model of the run. */
export const asksRanker = <E, R>({ reward, search, watch = [] }: Judging<E, R>): boolean =>
  [...watch, ...(reward === undefined ? [] : [reward]), ...(search?.by == null ? [] : [search.by])].some(isLearned)

/** A trained reward model as a reward of an experiment, on the device until the scope closes. */
export const rewardOfRanker = (
  experiment: Experiment,
  { method, parameters }: Ranker
): Effect.Effect<Reward<GenerateError>, Program.ProgramError, Device.Device | Scope.Scope> =>
  Effect.flatMap(hold(latentRm(method.backbone), experiment.sizes, parameters), (held) =>
    rewardOf(held, wordingOf(experiment, method))
  )

/** What judges, with the trained model in its place. */
export const judgedBy = <E, R>(
  { reward, search, watch }: Judging<E, R>,
  by: Reward<GenerateError>
): Judging<E | GenerateError, R> => {
  const own = (of: Reward<E, R>) => substituted(of, learned, by)
  return {
    ...(reward === undefined ? {} : { reward: own(reward) }),
    ...(watch === undefined ? {} : { watch: watch.map(own) }),
    ...(search === undefined ? {} : { search: { ...search, by: search.by === null ? null : own(search.by) } })
  }
}
