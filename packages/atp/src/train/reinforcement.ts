/** The reinforcement stage: rollouts, rewards, advantages, and clipped updates; a report per round, and events. */
import type { Optimiser } from "@noema/autodiff"
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import type { Reinforced } from "../method/method.ts"
import { derive, draws, type Key } from "../random/key.ts"
import type { Credited } from "../reinforce/credit.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { figuresOfScores } from "../rewards/figures.ts"
import type { Reward } from "../rewards/reward.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"
import { gathering } from "../rollout/gather.ts"
import type { Held } from "../method/held.ts"
import { figuresOfAttempts } from "./attempts.ts"
import { type Before, Completed, completionOf, shownRows } from "./completions.ts"
import { creditOf } from "./crediting.ts"
import { drawing, drawsOf } from "./drawing.ts"
import type { OnRewardFailure } from "./judging.ts"
import { explorerOf, learner, type Minibatch } from "./learner.ts"
import { actionsOf, judgementOf, type RoundSizes, updatesOf } from "./minibatch.ts"
import type { StepReport } from "./supervised.ts"

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<E = never, R = never> extends RoundSizes {
  readonly wording: Wording
  readonly reinforcement: Reinforced
  readonly problems: ReadonlyArray<Problem<"train" | "rl">>
  readonly reward: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  /** What is done where a reward fails; the run stops unless told. */
  readonly onRewardFailure?: OnRewardFailure
  readonly rounds: number
  readonly key: Key
  /** Attempts of each round that are given to be shown; none unless told. */
  readonly completions?: number
  /** Answers to their questions before the stage, where these are known. */
  readonly before?: Before
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** What happens in the stage: a report per round, and whatever else is to be known. */
export type ReinforcementEvent<E> = StepReport | RewardFailed<E> | Completed

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
  GenerateError | Optimiser.NonFinite | RewardLawBroken | E,
  Device.Device | Scope.Scope | R
> => {
  const { group, key, minibatch, problems, questions, reinforcement, reward, rounds, wording } = options
  const { exploration, term } = reinforcement
  const { epochs = 1 } = options
  const attempts = questions * group
  const updates = updatesOf(options)
  const rowsAt = drawsOf(key, problems.length, questions)
  const open = Effect.gen(function* () {
    const made = yield* generator(held, wording, {
      latents: "sampled",
      stops: "sampled",
      answers: "sampled",
      texts: "greedy",
      questions,
      group,
      exploration,
      policy: explorerOf
    })
    // Where groups are replaced, attempts of several draws are learnt from together.
    const gathered = term.filter.draws > 1 ? yield* gathering(held, made.sampler, attempts) : null
    const acted = gathered ?? made.sampler
    const learn = yield* learner(held, reinforcement, wording.perStep, acted, updates > 1)
    const act = Effect.fnUntraced(function* (round: number, draw: number) {
      const asked = rowsAt(round, draw).map((row) => problems[row]!)
      const path = draw === 0 ? [round] : [round, draw]
      const rollouts = yield* made.run(asked, derive(key, "rollout", ...path))
      return rollouts.map((rollout): Rollout => ({ ...rollout, round: round + 1 }))
    })
    const draw = drawing({ ...options, filter: term.filter, act, keep: gathered?.take ?? null })
    return { acted, learn, draw }
  })
  type Opened = Effect.Success<typeof open>

  /** The minibatches of a round: all its attempts, once in each epoch. */
  const minibatchesOf = (
    { acted }: Opened,
    round: number,
    rollouts: ReadonlyArray<Rollout>,
    learnt: ReadonlyArray<Credited | null>
  ): ReadonlyArray<Minibatch> => {
    const orders = Array.from({ length: epochs }, (_, epoch) =>
      draws(derive(key, "minibatch", round, ...(epoch === 0 ? [] : [epoch]))).shuffle(rollouts.map((_, i) => i))
    )
    return Array.from({ length: updates }, (_, i) => {
      const rows = orders.flat().slice(i * minibatch, (i + 1) * minibatch)
      const credited = rows.map((row) => learnt[row]!)
      return {
        actions: actionsOf(acted, options, wording, rollouts, rows),
        judged: credited.every((each) => each === null) ? null : judgementOf(wording, credited)
      }
    })
  }

  const roundOf = (opened: Opened) =>
    Effect.fnUntraced(function* (round: number) {
      // Until the first update a round can be given up, and rewards may take their time.
      const drawn = yield* Effect.interruptible(opened.draw(round))
      const { draws, events, groups, made, rollouts, scores, skipped, stopped, watched } = drawn
      if (stopped !== null) return { events, failed: stopped }
      const credited = creditOf(term, groups, attempts, group)
      const counting = credited.map((each, i) => (term.overlong.counts(rollouts[i]!) ? each : null))
      const learnt = yield* opened.learn(minibatchesOf(opened, round, rollouts, counting), round + 1)
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

  return from >= rounds
    ? Stream.empty
    : Stream.unwrap(
        Effect.map(open, (opened) =>
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
