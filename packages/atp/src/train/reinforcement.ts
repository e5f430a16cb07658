/** The reinforcement stage: rollouts, rewards, advantages, and clipped updates; a report per round. */
import { Optimiser } from "@noema/autodiff"
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Problem } from "../data/problem.ts"
import { isRight } from "../evaluate/metrics.ts"
import type { Integers, Reals } from "../nn/graph.ts"
import { gradientWith } from "../nn/gradient.ts"
import { type Compiled, compiled, type GivenAll, type Updating, updating } from "../nn/program.ts"
import { modelOf, type Reasoner } from "../nn/reasoner.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { byGroup } from "../reasoning/advantage.ts"
import { type GenerateError, generator, type Rollout, type Trained } from "../reasoning/generate.ts"
import { packQuestion, padded } from "../reasoning/layout.ts"
import type { PolicyTerm } from "../reasoning/method.ts"
import { type PolicyLoss, policyLoss, type Replay, score } from "../reasoning/policyGradient.ts"
import { coherence } from "../rewards/coherence.ts"
import { RewardLawBroken } from "../rewards/laws.ts"
import type { Reward } from "../rewards/reward.ts"
import { stepValidity } from "../rewards/steps.ts"
import { type HeldModel, nextState, type TrainState } from "./state.ts"
import { figuresOf, rowsOf, type StepReport } from "./supervised.ts"

/** What the reinforcement stage needs to know. */
export interface ReinforcementOptions<R = never> {
  readonly trained: Trained
  readonly term: PolicyTerm
  readonly problems: ReadonlyArray<Problem>
  readonly reward: Reward<R>
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
        chosen.map(({ trajectory }) => packQuestion(tokenizer, trajectory.problem, context)),
        context,
        "left"
      ),
      { shape: [rows.length, count, width], data: latents },
      Int32Array.from(chosen, ({ latents }) => latents),
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

const programs = Effect.fnUntraced(function* <R>(
  held: HeldModel,
  options: ReinforcementOptions<R>,
  tailLength: number
): Effect.fn.Return<
  {
    readonly before: Compiled<readonly [TrainState, ...ReplayArguments], Old>
    readonly update: Updating<
      TrainState,
      readonly [...ReplayArguments, old: Old, advantage: Reals],
      Optimiser.Vitals<PolicyLoss>
    >
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
  return { before, update }
})

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/**
 * Reinforces a held model from round `from`: one report per round, as it is made. The number of trajectories in a round
 * must be a multiple of the minibatch. Fails with `RewardLawBroken` where trajectories have no score, and with `NonFinite`.
 */
export const reinforcement = <R>(
  held: HeldModel,
  options: ReinforcementOptions<R>,
  from = 0
): Stream.Stream<
  StepReport,
  GenerateError | Optimiser.NonFinite | RewardLawBroken,
  Device.Device | Scope.Scope | R
> => {
  const { group, key, minibatch, problems, questions, reward, rounds, term, trained } = options
  const trajectories = questions * group
  if (trajectories % minibatch !== 0)
    throw new RangeError(`${questions} questions times ${group} do not divide into minibatches of ${minibatch}`)
  const tailLength = trained.textSymbols + 1
  const rowsAt = rowsOf(key, problems.length, questions)
  const open = Effect.gen(function* () {
    const sampler = yield* generator(
      held.state,
      held.specs,
      trained,
      { latents: "sampled", stops: "sampled", answers: "sampled", batch: trajectories, speak: true },
      term.policy
    )
    return { sampler, ...(yield* programs(held, options, tailLength)) }
  })
  return Stream.unwrap(
    Effect.map(open, ({ before, sampler, update }) =>
      Stream.mapEffect(
        Stream.range(from, rounds - 1),
        Effect.fnUntraced(function* (round: number) {
          const asked = rowsAt(round).flatMap((row) => Array.from({ length: group }, () => problems[row]!))
          const rollouts = yield* sampler.run(asked, derive(key, "rollout", round))
          const finished = rollouts.map(({ trajectory }) => trajectory)
          const scores = yield* reward.score(finished, derive(key, "reward", round))
          if (scores.length !== finished.length)
            return yield* new RewardLawBroken({
              reward: reward.name,
              law: "one score per trajectory",
              found: `${scores.length} scores for ${finished.length} trajectories`
            })
          const totals = scores.map(({ total }) => total)
          const advantages = byGroup(term.advantage, totals, group)
          const order = draws(derive(key, "minibatch", round)).shuffle(rollouts.map((_, i) => i))
          const batches = Array.from({ length: trajectories / minibatch }, (_, i) =>
            order.slice(i * minibatch, (i + 1) * minibatch)
          )
          // All old probabilities come from the policy that acted, so before the first update.
          const old = yield* Effect.forEach(batches, (rows) =>
            before(held.state, ...batchOf(trained, rollouts, rows, tailLength).arrays)
          )
          const figures: Array<Record<string, number>> = []
          for (const [i, rows] of batches.entries()) {
            const advantage = Float32Array.from(rows, (row) => advantages[row]!)
            const { arrays } = batchOf(trained, rollouts, rows, tailLength)
            const result = yield* update(held.state, ...arrays, old[i], advantage)
            figures.push(yield* figuresOf(result, round + 1, held))
          }
          const watched = yield* Effect.forEach([coherence("strict"), stepValidity], (metric) =>
            Effect.map(metric.score(finished, key), (all) => mean(all.map(({ total }) => total)))
          )
          const report: StepReport = {
            stage: "reinforcement",
            method: trained.method.name,
            update: round + 1,
            of: rounds,
            phase: reward.name,
            figures: {
              reward: mean(totals),
              accuracy: mean(finished.map((trajectory) => Number(isRight(trajectory)))),
              coherence: watched[0]!,
              validity: watched[1]!,
              latents: mean(rollouts.map(({ latents }) => latents)),
              ...Object.fromEntries(
                Object.keys(figures[0]!).map((name) => [name, mean(figures.map((each) => each[name]!))])
              )
            }
          }
          return report
          // A round that has begun is finished: its updates share one set of rollouts.
        }, Effect.uninterruptible)
      )
    )
  )
}
