/** The reinforcement stage: rollouts, rewards, advantages, and updates; a report per round, and events. */
import type { Optimiser } from "@noema/autodiff"
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { NothingForTerm } from "../layout/pack.ts"
import type { Held } from "../method/held.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { figuresOfScores } from "../rewards/figures.ts"
import type { Reward } from "../rewards/reward.ts"
import type { GenerateError } from "../rollout/generate.ts"
import { figuresOfAttempts } from "./attempts.ts"
import { type Before, Completed, completionOf, shownRows } from "./completions.ts"
import { creditOf } from "./crediting.ts"
import { drawing } from "./drawing.ts"
import type { OnRewardFailure } from "./judging.ts"
import { replayAlone } from "./controls.ts"
import { openRounds, type Rounds, type RoundsOptions } from "./rounds.ts"
import type { StepReport } from "./supervised.ts"
import type { Warning } from "./warnings.ts"

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<E = never, R = never> extends RoundsOptions {
  readonly reward: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  /** What is done where a reward fails; the run stops unless told. */
  readonly onRewardFailure?: OnRewardFailure
  /** Attempts of each round that are given to be shown; none unless told. */
  readonly completions?: number
  /** Answers to their questions before the stage, where these are known. */
  readonly before?: Before
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** What happens in a stage: a report per round or update, and whatever else is to be known. */
export type ReinforcementEvent<E> = StepReport | RewardFailed<E> | Completed | Warning

/**
 * Reinforces a held model from round `from`: one report per round, as it is made, and `RewardFailed` where a reward fails.
 * The number of attempts in a round must be a multiple of the minibatch. Fails as rewards do where that is to stop the run,
 * with `RewardLawBroken` where scores are not what a reward promises, and with `NonFinite`.
 */
export const reinforcement = <E = never, R = never>(
  held: Held,
  options: ReinforcementOptions<E, R>,
  from = 0
): Stream.Stream<
  ReinforcementEvent<E>,
  GenerateError | NothingForTerm | Optimiser.NonFinite | RewardLawBroken | E,
  Device.Device | Scope.Scope | R
> => {
  const { group, key, questions, reinforcement, reward, rounds } = options
  const { term } = reinforcement
  const attempts = questions * group
  // What counts for nothing need not be done.
  if (term.replay.weight === 0) return replayAlone(held, options, from)

  const roundOf = ({ act, keep, learn }: Rounds) => {
    const draw = drawing({ ...options, filter: term.filter, act, keep })
    return Effect.fnUntraced(function* (round: number) {
      // Until the first update a round can be given up, and rewards may take their time.
      const drawn = yield* Effect.interruptible(draw(round))
      const { draws, events, groups, made, rollouts, scores, skipped, stopped, watched } = drawn
      if (stopped !== null) return { events, failed: stopped }
      const credited = creditOf(term, groups, attempts, group)
      const counting = credited.map((each, i) => (term.overlong.counts(rollouts[i]!) ? each : null))
      const learnt = yield* learn(round, rollouts, counting)
      const report: StepReport = {
        stage: "reinforcement",
        method: held.method.name,
        update: round + 1,
        of: rounds,
        phase: reward.name,
        figures: {
          ...figuresOfScores(reward, made.scores, group),
          ...figuresOfAttempts(made.rollouts, group),
          ...watched,
          ...skipped,
          ...(term.filter.draws > 1 ? { asked: draws * questions } : {}),
          learnt: mean(counting.map((each) => Number(each !== null))),
          ...learnt
        }
      }
      const rows = shownRows(key, round, attempts, options.completions ?? 0).map((row) =>
        completionOf(reward, options.before ?? new Map(), rollouts[row]!, scores[row]!, counting[row]!)
      )
      const completed = rows.length === 0 ? [] : [new Completed({ round: round + 1, rows })]
      return { events: [...events, ...completed, report], failed: null }
    })
  }

  return from >= rounds
    ? Stream.empty
    : Stream.unwrap(
        Effect.map(openRounds(held, options, "attempts"), (opened) =>
          Stream.range(from, rounds - 1).pipe(
            Stream.mapEffect(roundOf(opened)),
            Stream.flatMap(({ events, failed }): Stream.Stream<ReinforcementEvent<E>, E> =>
              failed === null
                ? Stream.fromIterable(events)
                : Stream.concat(Stream.fromIterable(events), Stream.fail(failed.error))
            )
          )
        )
      )
}
