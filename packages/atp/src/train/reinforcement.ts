/** The reinforcement stage: rollouts, rewards, advantages, and clipped updates; a report per round, and events. */
import type { Optimiser } from "@noema/autodiff"
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import { isRight } from "../evaluate/metrics.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { type GenerateError, generator, type Rollout, type Trained } from "../reasoning/generate.ts"
import type { PolicyTerm } from "../reasoning/method.ts"
import type { Credited } from "../reinforce/credit.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { figuresOfScores } from "../rewards/figures.ts"
import type { Reward, Score } from "../rewards/reward.ts"
import { judging, type OnRewardFailure } from "./judging.ts"
import { batchOf, judgementOf, programs } from "./replay.ts"
import type { HeldModel } from "./state.ts"
import { figuresOf, rowsOf, type StepReport } from "./supervised.ts"

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<E = never, R = never> {
  readonly trained: Trained
  readonly term: PolicyTerm
  readonly problems: ReadonlyArray<Problem<"train" | "rl">>
  readonly reward: Reward<E, R>
  /** Rewards whose means are reported and which nothing is trained on. */
  readonly watch?: ReadonlyArray<Reward<E, R>>
  /** What is done where a reward fails; the run stops unless told. */
  readonly onRewardFailure?: OnRewardFailure
  readonly rounds: number
  readonly questions: number
  readonly group: number
  readonly minibatch: number
  readonly key: Key
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** What happens in the stage: a report per round, and whatever else is to be known. */
export type ReinforcementEvent<E> = StepReport | RewardFailed<E>

/**
 * Reinforces a held model from round `from`: one report per round, as it is made, and `RewardFailed` where a reward fails.
 * The number of attempts in a round must be a multiple of the minibatch. Fails as rewards do where that is to stop the run,
 * with `RewardLawBroken` where scores are not what a reward promises, and with `NonFinite`.
 */
export const reinforcement = <E = never, R = never>(
  held: HeldModel,
  options: ReinforcementOptions<E, R>,
  from = 0
): Stream.Stream<
  ReinforcementEvent<E>,
  GenerateError | Optimiser.NonFinite | RewardLawBroken | E,
  Device.Device | Scope.Scope | R
> => {
  const { group, key, minibatch, problems, questions, reward, rounds, term, trained } = options
  const attempts = questions * group
  if (attempts % minibatch !== 0)
    throw new RangeError(`${questions} questions times ${group} do not divide into minibatches of ${minibatch}`)
  const tailLength = trained.textSymbols + 1
  const rowsAt = rowsOf(key, problems.length, questions)
  const open = Effect.gen(function* () {
    const sampler = yield* generator(
      held.state,
      held.specs,
      trained,
      { latents: "sampled", stops: "sampled", answers: "sampled", batch: attempts, speak: true },
      term.policy
    )
    return { sampler, ...(yield* programs(held, options, tailLength)) }
  })
  type Opened = Effect.Success<typeof open>

  /** The attempts of a round. */
  const acting = Effect.fnUntraced(function* ({ sampler }: Opened, round: number) {
    const asked = rowsAt(round).flatMap((row) => Array.from({ length: group }, () => problems[row]!))
    const rollouts = yield* sampler.run(asked, derive(key, "rollout", round))
    return rollouts.map((rollout): Rollout => ({ ...rollout, round: round + 1 }))
  })

  /** Updates on the attempts of a round that count. */
  const learning = Effect.fnUntraced(function* (
    { before, pass, update }: Opened,
    round: number,
    rollouts: ReadonlyArray<Rollout>,
    learnt: ReadonlyArray<Credited | null>
  ) {
    const order = draws(derive(key, "minibatch", round)).shuffle(rollouts.map((_, i) => i))
    const batches = Array.from({ length: attempts / minibatch }, (_, i) =>
      order.slice(i * minibatch, (i + 1) * minibatch)
    )
    // All old probabilities come from the policy that acted, so before the first update.
    const old = yield* Effect.forEach(batches, (rows) =>
      before(held.state, ...batchOf(trained, rollouts, rows, tailLength))
    )
    const figures: Array<Record<string, number>> = []
    for (const [i, rows] of batches.entries()) {
      if (rows.every((row) => learnt[row] === null)) {
        yield* pass(held.state)
        continue
      }
      const arrays = batchOf(trained, rollouts, rows, tailLength)
      const judgement = judgementOf(
        trained,
        rows.map((row) => learnt[row]!)
      )
      figures.push(yield* figuresOf(yield* update(held.state, ...arrays, old[i]!, judgement), round + 1, held))
    }
    return Object.fromEntries(
      Object.keys(figures[0] ?? {}).map((name) => [name, mean(figures.map((each) => each[name]!))])
    )
    // Updates that have begun are all made: they share one set of rollouts.
  }, Effect.uninterruptible)

  const roundOf = (opened: Opened) =>
    Effect.fnUntraced(function* (round: number) {
      // Until the first update a round can be given up, and rewards may take their time.
      const { judged, rollouts } = yield* Effect.interruptible(
        Effect.gen(function* () {
          const rollouts = yield* acting(opened, round)
          return { rollouts, judged: yield* judging(options, rollouts, derive(key, "reward", round), key, round + 1) }
        })
      )
      if (judged.stopped !== null) return { events: judged.events, failed: judged.stopped }
      const { kept, scores } = judged
      const groups = groupsOf(scores, kept, group, (members) => term.filter.keeps(members, reward))
      const credited = creditOf(term, groups, attempts, group)
      const counting = credited.map((each, i) => (term.overlong.counts(rollouts[i]!) ? each : null))
      const learnt = yield* learning(opened, round, rollouts, counting)
      const report: StepReport = {
        stage: "reinforcement",
        method: trained.method.name,
        update: round + 1,
        of: rounds,
        phase: reward.name,
        figures: {
          ...figuresOfScores(reward, scores, group),
          accuracy: mean(rollouts.map((rollout) => Number(isRight(rollout)))),
          ...judged.watched,
          latents: mean(rollouts.map(({ latents }) => latents.count)),
          ...judged.skipped,
          learnt: mean(counting.map((each) => Number(each !== null))),
          ...learnt
        }
      }
      return { events: [...judged.events, report], failed: null }
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

/** The groups that are learnt from, each with the number of its first attempt. */
const groupsOf = (
  scores: ReadonlyArray<Score | null>,
  kept: ReadonlyArray<boolean>,
  size: number,
  keeps: (group: ReadonlyArray<Score>) => boolean
): ReadonlyArray<{ readonly from: number; readonly scores: ReadonlyArray<Score> }> =>
  Array.from({ length: scores.length / size }, (_, i) => i * size)
    .filter((from) => kept[from])
    .map((from) => ({ from, scores: scores.slice(from, from + size).filter((score) => score !== null) }))
    .filter(({ scores }) => keeps(scores))

/** What every attempt's actions are credited with; null in groups that are not learnt from. */
const creditOf = (
  { advantage, credit }: PolicyTerm,
  groups: ReturnType<typeof groupsOf>,
  attempts: number,
  size: number
): ReadonlyArray<Credited | null> => {
  const credited = credit.of(
    advantage,
    groups.map(({ scores }) => scores)
  )
  const all: Array<Credited | null> = Array.from({ length: attempts }, () => null)
  groups.forEach(({ from }, i) => all.splice(from, size, ...credited[i]!))
  return all
}
