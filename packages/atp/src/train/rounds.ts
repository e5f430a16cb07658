/** Rounds of reinforcement: attempts at questions, and updates on them, of everything but what the attempts are worth. */
import type { Optimiser } from "@noema/autodiff"
import type { Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { NothingForTerm, QuestionTooLong } from "../layout/pack.ts"
import type { Held } from "../method/held.ts"
import type { Reinforced } from "../method/method.ts"
import { derive, draws, type Key } from "../random/key.ts"
import type { Credited } from "../reinforce/credit.ts"
import { gathering } from "../rollout/gather.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"
import { drawsOf } from "./drawing.ts"
import { explorerOf, learner, type Target } from "./learner.ts"
import { actionsOf, answerTail, judgementOf, type RoundSizes, updatesOf } from "./minibatch.ts"
import { replayOf, type ReplayOptions } from "./replaying.ts"

/** What rounds are made of. */
export interface RoundsOptions extends RoundSizes {
  readonly wording: Wording
  readonly reinforcement: Reinforced
  readonly problems: ReadonlyArray<Problem<"train" | "rl">>
  readonly rounds: number
  /** The chains of a replay; needed where the term has one. */
  readonly chains?: ReplayOptions
  readonly key: Key
}

/** Rounds, numbered from 0. */
export interface Rounds {
  /** The attempts of a draw of a round, both numbered from 0. */
  readonly act: (round: number, draw: number) => Effect.Effect<ReadonlyArray<Rollout>, GenerateError>
  /** Keeps attempts of the last draw at places; null where there is one draw alone. */
  readonly keep: ((rows: ReadonlyArray<number | null>) => Effect.Effect<void, Program.ProgramError>) | null
  /** Updates on the attempts of a round, by what each is credited with; gives their figures. */
  readonly learn: (
    round: number,
    rollouts: ReadonlyArray<Rollout>,
    credited: ReadonlyArray<Credited | null>
  ) => Effect.Effect<Readonly<Record<string, number>>, Program.ProgramError | Optimiser.NonFinite>
}

/** The chains of a replay. Throws where a term has one and there is nothing that says which. */
export const chainsOf = ({ chains, reinforcement: { term } }: Pick<RoundsOptions, "chains" | "reinforcement">) => {
  if (term.replay.chains > 0 && chains === undefined)
    throw new TypeError(`expected chains for a replay of ${term.replay.name}, found none`)
  return term.replay.chains > 0 ? chains! : null
}

/** Puts everything on the device that rounds need. */
export const openRounds = Effect.fnUntraced(function* (
  held: Held,
  options: RoundsOptions,
  target: Target
): Effect.fn.Return<Rounds, Program.ProgramError | NothingForTerm | QuestionTooLong, Device.Device | Scope.Scope> {
  const { key, minibatch, problems, questions, reinforcement, wording } = options
  const { exploration, term } = reinforcement
  const updates = updatesOf(options)
  const rowsAt = drawsOf(key, problems.length, questions)
  const { epochs = 1 } = options
  const chains = chainsOf(options)
  const replayAt = chains === null ? null : yield* replayOf(held.method, chains, term.replay.chains)
  const tailOf = (problem: Problem) => answerTail(wording, problem)
  const tailSymbols =
    target === "attempts"
      ? wording.textSymbols + 1
      : problems.reduce((most, problem) => Math.max(most, tailOf(problem).length), 0)
  const made = yield* generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    texts: target === "attempts" ? term.estimator.texts : "none",
    keepsNoise: term.estimator.keeps === "noise",
    questions,
    group: options.group,
    exploration,
    policy: explorerOf
  })
  // Where groups are replaced, attempts of several draws are learnt from together.
  const gathered =
    target === "attempts" && term.filter.draws > 1
      ? yield* gathering(held, made.sampler, questions * options.group)
      : null
  const acted = gathered ?? made.sampler
  const learn = yield* learner(held, reinforcement, wording.perStep, acted, {
    several: updates > 1,
    replay: chains,
    target
  })
  const rounds: Rounds = {
    keep: gathered?.take ?? null,
    act: Effect.fnUntraced(function* (round, draw) {
      const asked = rowsAt(round, draw).map((row) => problems[row]!)
      const path = draw === 0 ? [round] : [round, draw]
      const rollouts = yield* made.run(asked, derive(key, "rollout", ...path))
      return rollouts.map((rollout): Rollout => ({ ...rollout, round: round + 1 }))
    }),
    learn: (round, rollouts, credited) => {
      // All attempts, once in each epoch.
      const orders = Array.from({ length: epochs }, (_, epoch) =>
        draws(derive(key, "minibatch", round, ...(epoch === 0 ? [] : [epoch]))).shuffle(rollouts.map((_, i) => i))
      )
      const told = target === "attempts" ? rollouts : rollouts.map((each) => ({ ...each, tail: tailOf(each.problem) }))
      const batches = Array.from({ length: updates }, (_, i) => {
        const rows = orders.flat().slice(i * minibatch, (i + 1) * minibatch)
        const own = rows.map((row) => credited[row]!)
        return {
          actions: actionsOf(acted, options, wording, told, rows, tailSymbols),
          // Chains are gone over even where no attempt has anything to teach.
          judged: replayAt === null && own.every((each) => each === null) ? null : judgementOf(wording, own),
          replay: replayAt === null ? [] : [replayAt(round * updates + i)]
        }
      })
      return learn(batches, round + 1)
    }
  }
  return rounds
})
