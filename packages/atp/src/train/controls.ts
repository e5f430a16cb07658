/** Controls beside reinforcement: the chains of its replay and nothing else, and the right answers in place of rewards. */
import type { Optimiser } from "@noema/autodiff"
import type { Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { isRight } from "../evaluate/metrics.ts"
import type { NothingForTerm, QuestionTooLong } from "../layout/pack.ts"
import type { Held } from "../method/held.ts"
import type { Credited } from "../reinforce/credit.ts"
import type { GenerateError } from "../rollout/generate.ts"
import { replaying } from "./replaying.ts"
import { updatesOf } from "./minibatch.ts"
import { chainsOf, openRounds, type RoundsOptions } from "./rounds.ts"
import type { StepReport } from "./supervised.ts"

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const stream = <E, R>(
  { method }: Held,
  { rounds }: Pick<RoundsOptions, "rounds">,
  phase: string,
  from: number,
  figuresOf: (round: number) => Effect.Effect<StepReport["figures"], E, R>
): Stream.Stream<StepReport, E, R> =>
  Stream.range(from, rounds - 1).pipe(
    Stream.mapEffect((round) =>
      Effect.map(figuresOf(round), (figures): StepReport => ({
        stage: "reinforcement",
        method: method.name,
        update: round + 1,
        of: rounds,
        phase,
        figures
      }))
    )
  )

/** As many updates on the chains of a replay as reinforcement makes, from round `from`; no attempt is made. */
export const replayAlone = (
  held: Held,
  options: RoundsOptions,
  from = 0
): Stream.Stream<
  StepReport,
  NothingForTerm | Optimiser.NonFinite | Program.ProgramError | QuestionTooLong,
  Device.Device | Scope.Scope
> => {
  const chains = chainsOf(options)
  if (chains === null) throw new TypeError("expected a term with a replay, found one without")
  const updates = updatesOf(options)
  if (from >= options.rounds) return Stream.empty
  return Stream.unwrap(
    Effect.map(replaying(held, chains, options.reinforcement.term.replay.chains), (replay) =>
      stream(held, options, "replay alone", from, (round) =>
        Effect.uninterruptible(
          Effect.map(
            Effect.forEach(Array.from({ length: updates }), (_, i) => replay(round * updates + i, round + 1)),
            (figures) =>
              Object.fromEntries(Object.keys(figures[0]!).map((name) => [name, mean(figures.map((f) => f[name]!))]))
          )
        )
      )
    )
  )
}

const all: Credited = { written: 1, steps: [], texts: [] }

/**
 * The right answers to the questions of reinforcement in place of rewards, from round `from`: they are made likelier after
 * latents and stops that are drawn as reinforcement draws them, with the same replay. What a reward of answers alone could
 * tell at the most.
 */
export const answering = (
  held: Held,
  options: RoundsOptions,
  from = 0
): Stream.Stream<StepReport, GenerateError | NothingForTerm | Optimiser.NonFinite, Device.Device | Scope.Scope> =>
  from >= options.rounds
    ? Stream.empty
    : Stream.unwrap(
        Effect.map(openRounds(held, options, "answers"), ({ act, learn }) =>
          stream(
            held,
            options,
            "right answers",
            from,
            Effect.fnUntraced(function* (round) {
              const rollouts = yield* Effect.interruptible(act(round, 0))
              const learnt = yield* learn(
                round,
                rollouts,
                rollouts.map(() => all)
              )
              return {
                accuracy: mean(rollouts.map((rollout) => Number(isRight(rollout)))),
                latents: mean(rollouts.map(({ latents }) => latents.count)),
                ...learnt
              }
            })
          )
        )
      )
