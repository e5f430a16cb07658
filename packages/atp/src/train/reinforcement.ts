/** The reinforcement stage: rollouts, rewards, advantages, and clipped updates; a report per round, and events. */
import { Optimiser, valueAndGradWith } from "@noema/autodiff"
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import { isRight } from "../evaluate/metrics.ts"
import { packQuestion, padded } from "../layout/pack.ts"
import type { Reinforced } from "../method/method.ts"
import type { Model } from "../model/model.ts"
import type { StepPolicy } from "../policy/policy.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { atStep, type Credited } from "../reinforce/credit.ts"
import { type ByKind, chances, policyLoss } from "../reinforce/loss.ts"
import type { Replay } from "../reinforce/replay.ts"
import type { Term } from "../reinforce/term.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { figuresOfScores } from "../rewards/figures.ts"
import type { Reward, Score } from "../rewards/reward.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"
import type { RolloutState, Sampler } from "../rollout/sampler.ts"
import { type Held, type HeldTensors, nextState } from "../method/held.ts"
import { judging, type OnRewardFailure } from "./judging.ts"
import { figuresOf, rowsOf, type StepReport } from "./supervised.ts"

const { spec } = Program

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<E = never, R = never> {
  readonly wording: Wording
  readonly reinforcement: Reinforced
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

/** What attempts of a minibatch did, from what lies on the device and what came back. */
const replayOf = (
  { latents, used }: RolloutState,
  rows: Tensor.Tensor<["batch"], "i32">,
  { of, question, tail }: Pick<Replay, "of" | "question" | "tail">
): Replay => ({
  question,
  of,
  tail,
  latents: latents.map((latent) => Tensor.take(latent, rows)),
  used: Tensor.take(used, rows)
})

const byKind = { latent: spec(["batch", "latents", "components"]), written: spec(["batch", "time", 1]) }
/** Log-probabilities that are given or not: one tree or none. */
type Given = ReadonlyArray<typeof byKind>

const first = (given: ReadonlyArray<ByKind>): ByKind | null => given[0] ?? null

/** The programs of a round of updates. */
const programs = Effect.fnUntraced(function* (
  held: Held,
  {
    minibatch,
    reinforcement: { exploration, term },
    wording: { perStep }
  }: Pick<ReinforcementOptions, "minibatch" | "reinforcement" | "wording">,
  sampler: Sampler,
  /** Whether there are several updates a round, so that the policy is not always the one that acted. */
  several: boolean
) {
  const explorer = (tensors: Pick<HeldTensors, "frozen" | "trainable">) => {
    const model = held.method.put({ ...tensors.trainable, ...tensors.frozen }, held.sizes, exploration)
    return { model, policy: scoredOf(model) }
  }
  const compares = term.reference.decay !== null
  const actions = [
    sampler.specs,
    spec(["batch"], "i32"),
    {
      question: spec(["questions", "question"], "i32"),
      of: spec(["batch"], "i32"),
      tail: spec(["batch", "tail"], "i32")
    }
  ] as const
  const old: { readonly before: Given; readonly reference: Given } = {
    before: several ? [byKind] : [],
    reference: compares ? [byKind] : []
  }
  const before = yield* Program.make(
    (state, rolled, rows, asked) => {
      const replay = replayOf(rolled, rows, asked)
      const under = (trainable: Program.AnyTensors): ByKind => {
        const { model, policy } = explorer({ trainable, frozen: state.frozen })
        const { latent, written } = chances(model, policy, perStep, term.reduce.coordinates, replay)
        return { latent, written }
      }
      return {
        before: several ? [under(state.trainable)] : [],
        reference: compares ? [under(state.reference)] : []
      }
    },
    held.specs,
    ...actions
  )
  const update = yield* Program.make(
    (state, rolled, rows, asked, { before, reference }, { kept, latent, written }) => {
      const loss = (trainable: Program.AnyTensors) => {
        const { model, policy } = explorer({ trainable, frozen: state.frozen })
        const replay = replayOf(rolled, rows, asked)
        const parts = policyLoss(model, policy, perStep, term, replay, {
          before: first(before),
          reference: first(reference),
          advantage: { latent, written },
          kept
        })
        return [parts.loss, parts] as const
      }
      const { gradient, report } = valueAndGradWith(loss)(state.trainable)
      const next = nextState(state, held.optimiser, gradient, term.reference.decay ?? 1)
      return [next, Optimiser.vitals(report, gradient)] as const
    },
    held.specs,
    ...actions,
    old,
    { latent: spec(["batch", "latents"]), written: spec(["batch"]), kept: spec(["batch"]) }
  )
  /** An update in which nothing is learnt: it is counted, so that a run which goes on knows where it was. */
  const pass = yield* Program.make((state) => {
    const updates = Tensor.add(state.updates, 1)
    return [{ ...state, updates }, updates] as const
  }, held.specs)
  return { before, pass, update, needsBefore: several || compares, minibatch }
})

const scoredOf = ({ explore, policy }: Model): StepPolicy<"scored"> => {
  if (explore === null)
    throw new TypeError(`expected a method that can be reinforced, found one that draws ${policy.name}`)
  return explore
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
  const attempts = questions * group
  if (attempts % minibatch !== 0)
    throw new RangeError(`${questions} questions times ${group} do not divide into minibatches of ${minibatch}`)
  const rowsAt = rowsOf(key, problems.length, questions)
  const several = attempts > minibatch
  const open = Effect.gen(function* () {
    const made = yield* generator(held, wording, {
      latents: "sampled",
      stops: "sampled",
      answers: "sampled",
      texts: "greedy",
      questions,
      group,
      exploration,
      policy: scoredOf
    })
    return { made, ...(yield* programs(held, options, made.sampler, several)) }
  })
  type Opened = Effect.Success<typeof open>

  /** The attempts of a round. */
  const acting = Effect.fnUntraced(function* ({ made }: Opened, round: number) {
    const asked = rowsAt(round).map((row) => problems[row]!)
    const rollouts = yield* made.run(asked, derive(key, "rollout", round))
    return rollouts.map((rollout): Rollout => ({ ...rollout, round: round + 1 }))
  })

  /** Updates on the attempts of a round that count. */
  const learning = Effect.fnUntraced(function* (
    { before, made, needsBefore, pass, update }: Opened,
    round: number,
    rollouts: ReadonlyArray<Rollout>,
    learnt: ReadonlyArray<Credited | null>
  ) {
    const order = draws(derive(key, "minibatch", round)).shuffle(rollouts.map((_, i) => i))
    const batches = Array.from({ length: attempts / minibatch }, (_, i) =>
      order.slice(i * minibatch, (i + 1) * minibatch)
    ).map((rows) => ({ rows, actions: actionsOf(made.sampler, options, rollouts, rows) }))
    // All old probabilities come from the policy that acted, so before the first update.
    const old = yield* Effect.forEach(batches, ({ actions }) =>
      needsBefore ? before(held.state, ...actions) : Effect.succeed({ before: [], reference: [] })
    )
    const figures: Array<Readonly<Record<string, number>>> = []
    for (const [i, { actions, rows }] of batches.entries()) {
      if (rows.every((row) => learnt[row] === null)) {
        yield* Program.update(pass, held.state)
        continue
      }
      const judgement = judgementOf(
        wording,
        rows.map((row) => learnt[row]!)
      )
      const measured = yield* Program.update(update, held.state, ...actions, old[i]!, judgement)
      figures.push(yield* figuresOf(measured, round + 1, held))
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
        method: held.method.name,
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
  { advantage, credit }: Term,
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

/** The actions of a minibatch, as its programs take them: a question is read once for all attempts at it. */
const actionsOf = (
  { state }: Sampler,
  {
    group,
    minibatch,
    questions,
    wording: { context, textSymbols, tokenizer }
  }: Pick<ReinforcementOptions, "group" | "minibatch" | "questions" | "wording">,
  rollouts: ReadonlyArray<Rollout>,
  rows: ReadonlyArray<number>
) => {
  const asked = [...new Set(rows.map((row) => Math.floor(row / group)))]
  // As many rows in every minibatch as there may be questions in one.
  const of = Array.from({ length: Math.min(questions, minibatch) }, (_, i) => asked[i] ?? asked[0]!)
  return [
    state,
    Int32Array.from(rows),
    {
      question: padded(
        of.map((question) => packQuestion(tokenizer, rollouts[question * group]!.problem, context)),
        context,
        "left"
      ),
      of: Int32Array.from(rows, (row) => asked.indexOf(Math.floor(row / group))),
      tail: padded(
        rows.map((row) => rollouts[row]!.tail),
        textSymbols + 1,
        "right"
      )
    }
  ] as const
}

/** Advantages of a minibatch, as its update takes them. */
const judgementOf = ({ maxSteps, perStep }: Wording, rows: ReadonlyArray<Credited | null>) => {
  const latents = maxSteps * perStep
  return {
    latent: {
      shape: [rows.length, latents],
      data: Float32Array.from({ length: rows.length * latents }, (_, i) => {
        const row = rows[Math.floor(i / latents)]!
        return row === null ? 0 : atStep(row, Math.floor((i % latents) / perStep))
      })
    },
    written: Float32Array.from(rows, (row) => row?.written ?? 0),
    kept: Float32Array.from(rows, (row) => Number(row !== null))
  }
}
