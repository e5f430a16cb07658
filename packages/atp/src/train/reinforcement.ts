/** The reinforcement stage: rollouts, rewards, advantages, and clipped updates; a report per round, and events. */
import { Optimiser } from "@noema/autodiff"
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import { isRight } from "../evaluate/metrics.ts"
import * as g from "../nn/graph.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { gradientWith } from "../nn/gradient.ts"
import { type Compiled, compiled, type GivenAll, type Updating, updating } from "../nn/program.ts"
import { modelOf, type Reasoner } from "../nn/reasoner.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { type Advantage, byGroup } from "../reasoning/advantage.ts"
import { type GenerateError, generator, type Rollout, type Trained } from "../reasoning/generate.ts"
import { packQuestion, padded } from "../reasoning/layout.ts"
import type { PolicyTerm } from "../reasoning/method.ts"
import { type PolicyLoss, policyLoss, type Replay, score } from "../reasoning/policyGradient.ts"
import type { RewardFailed, RewardLawBroken } from "../rewards/errors.ts"
import { figuresOfScores } from "../rewards/figures.ts"
import type { Reward, Score } from "../rewards/reward.ts"
import { judging, type OnRewardFailure } from "./judging.ts"
import { type HeldModel, nextState, type TrainState } from "./state.ts"
import { figuresOf, rowsOf, type StepReport } from "./supervised.ts"

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<E = never, R = never> {
  readonly trained: Trained
  readonly term: PolicyTerm
  readonly problems: ReadonlyArray<Problem>
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

type ReplayArguments = readonly [question: Integers, latents: Reals, used: Integers, tail: Integers]

/** Rows of a replay on the host, in the order the programs take them. */
interface Batch {
  readonly arrays: GivenAll<ReplayArguments>
}

/** Log-probabilities of the actions under the policy that took them. */
interface Old {
  readonly latent: Reals
  readonly written: Reals
}

const batchOf = (
  trained: Trained,
  rollouts: ReadonlyArray<Rollout>,
  rows: ReadonlyArray<number>,
  tailLength: number
): Batch => {
  const { context, maxSteps, perStep, sizes, tokenizer } = trained
  const width = sizes.backbone.width
  const count = maxSteps * perStep
  const chosen = rows.map((row) => rollouts[row]!)
  const latents = new Float32Array(rows.length * count * width)
  chosen.forEach(({ thoughts }, i) => latents.set(thoughts, i * count * width))
  return {
    arrays: [
      padded(
        chosen.map(({ problem }) => packQuestion(tokenizer, problem, context)),
        context,
        "left"
      ),
      { shape: [rows.length, count, width], data: latents },
      Int32Array.from(chosen, ({ latents }) => latents.count),
      padded(
        chosen.map(({ tail }) => tail),
        tailLength,
        "right"
      )
    ]
  }
}

const replaySpecs = ({ context, maxSteps, perStep, sizes }: Trained, minibatch: number, tailLength: number) =>
  [
    Program.spec([minibatch, context], "i32"),
    Program.spec([minibatch, maxSteps * perStep, sizes.backbone.width]),
    Program.spec([minibatch], "i32"),
    Program.spec([minibatch, tailLength], "i32")
  ] as const

const replayOf = ([question, latents, used, tail]: ReplayArguments): Replay => ({ question, latents, used, tail })

const programs = Effect.fnUntraced(function* (
  held: HeldModel,
  options: Pick<ReinforcementOptions, "minibatch" | "term" | "trained">,
  tailLength: number
): Effect.fn.Return<
  {
    readonly before: Compiled<readonly [TrainState, ...ReplayArguments], Old>
    readonly update: Updating<
      TrainState,
      readonly [...ReplayArguments, old: Old, advantage: Reals],
      Optimiser.Vitals<PolicyLoss>
    >
    /** An update in which nothing is learnt: it is counted, so that a run which goes on knows where it was. */
    readonly pass: Updating<TrainState, readonly [], { readonly updates: Reals }>
  },
  never,
  Device.Device | Scope.Scope
> {
  const { minibatch, term, trained } = options
  const { method, perStep, sizes } = trained
  const parts = { policy: term.policy, stop: method.stop, reduce: term.reduce, perStep }
  const specs = replaySpecs(trained, minibatch, tailLength)
  const before = yield* compiled(
    (state: TrainState, ...replay: ReplayArguments) => {
      const { latent, written } = score(modelOf(state), sizes, parts, replayOf(replay))
      return { latent, written }
    },
    held.specs,
    ...specs
  )
  const update = yield* updating(
    (
      state: TrainState,
      question: Integers,
      latents: Reals,
      used: Integers,
      tail: Integers,
      old: Old,
      advantage: Reals
    ) => {
      const loss = (trainable: Partial<Reasoner<Reals>>) => {
        const model = modelOf({ trainable, frozen: state.frozen })
        const replay = { question, latents, used, tail }
        const result = policyLoss(model, sizes, parts, term, replay, old, advantage)
        return [result.loss, result] as const
      }
      const { gradient, report } = gradientWith(loss)(state.trainable)
      return [nextState(state, held.optimiser, gradient), Optimiser.vitals(report, gradient)]
    },
    held.specs,
    ...specs,
    {
      latent: Program.spec([minibatch, trained.maxSteps * perStep]),
      written: Program.spec([minibatch, tailLength])
    },
    Program.spec([minibatch])
  )
  const pass = yield* updating((state: TrainState) => {
    const updates = g.add(state.updates, 1)
    return [{ ...state, updates }, { updates }]
  }, held.specs)
  return { before, pass, update }
})

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

  /** Updates on the attempts of a round; those whose group is not kept add nothing. */
  const learning = Effect.fnUntraced(function* (
    { before, pass, update }: Opened,
    round: number,
    rollouts: ReadonlyArray<Rollout>,
    advantages: ReadonlyArray<number>,
    kept: ReadonlyArray<boolean>
  ) {
    const order = draws(derive(key, "minibatch", round)).shuffle(rollouts.map((_, i) => i))
    const batches = Array.from({ length: attempts / minibatch }, (_, i) =>
      order.slice(i * minibatch, (i + 1) * minibatch)
    )
    // All old probabilities come from the policy that acted, so before the first update.
    const old = yield* Effect.forEach(batches, (rows) =>
      before(held.state, ...batchOf(trained, rollouts, rows, tailLength).arrays)
    )
    const figures: Array<Record<string, number>> = []
    for (const [i, rows] of batches.entries()) {
      if (!rows.some((row) => kept[row])) {
        yield* pass(held.state)
        continue
      }
      const advantage = Float32Array.from(rows, (row) => advantages[row]!)
      const { arrays } = batchOf(trained, rollouts, rows, tailLength)
      figures.push(yield* figuresOf(yield* update(held.state, ...arrays, old[i]!, advantage), round + 1, held))
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
      const learnt = yield* learning(opened, round, rollouts, advantagesOf(term.advantage, scores, kept, group), kept)
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

/** The advantage of every attempt among its group; 0 in groups that are not kept. */
const advantagesOf = (
  advantage: Advantage,
  scores: ReadonlyArray<Score | null>,
  kept: ReadonlyArray<boolean>,
  size: number
): ReadonlyArray<number> => {
  const totals = scores.map((score, i) => (score === null || !kept[i] ? 0 : score.total))
  return byGroup(advantage, totals, size)
}
