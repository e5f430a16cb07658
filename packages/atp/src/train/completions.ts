/** Attempts of rounds that are shown: a few of each, chosen by key, with what they were worth and credited with. */
import type { Device, Program } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { isRight } from "../evaluate/metrics.ts"
import { hold } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { derive, draws, fromSeed, type Key } from "../random/key.ts"
import type { Credited } from "../reinforce/credit.ts"
import type { Attempt } from "../rewards/attempt.ts"
import { componentsOf, type Reward, type Score } from "../rewards/reward.ts"
import { generator, type GenerateError, type Wording } from "../rollout/generate.ts"
import type { RoundSizes } from "./minibatch.ts"
import { rowsOf } from "./rows.ts"

/** An attempt that is shown. */
export interface Completion {
  readonly question: string
  /** The steps and the answer that the data has. */
  readonly gold: { readonly steps: ReadonlyArray<string>; readonly answer: string }
  /** The answer to the question, with the likeliest of everything, before the stage; null where there is none or it is not known. */
  readonly before: string | null
  readonly steps: ReadonlyArray<string>
  readonly answer: string | null
  readonly right: boolean
  /** Whether each step is true by itself. */
  readonly legal: ReadonlyArray<boolean>
  /** The total, and what it is made of by name; null where a reward failed. */
  readonly reward: number | null
  readonly rewards: Readonly<Record<string, number>>
  /** What it is learnt from by: of all that is written, and of steps where credit is by step; null where nothing is. */
  readonly advantage: number | null
  readonly stepAdvantages: ReadonlyArray<number>
  readonly latents: number
  readonly symbols: number
  readonly truncated: boolean
}

/** Completions of a round. */
export class Completed extends Data.TaggedClass("Completed")<{
  readonly round: number
  readonly rows: ReadonlyArray<Completion>
}> {}

/** Which attempts of a round are shown, in their order. */
export const shownRows = (key: Key, round: number, attempts: number, count: number): ReadonlyArray<number> =>
  draws(derive(key, "completions", round))
    .shuffle(Array.from({ length: attempts }, (_, i) => i))
    .slice(0, count)
    .toSorted((a, b) => a - b)

/** Answers to questions before a stage; null where there was none. */
export type Before = ReadonlyMap<string, string | null>

/** An attempt as it is shown. */
export const completionOf = <E, R>(
  reward: Reward<E, R>,
  before: Before,
  attempt: Attempt,
  score: Score | null,
  credited: Credited | null
): Completion => {
  const { answer, language, latents, problem, steps, symbols, truncated } = attempt
  return {
    question: problem.question,
    gold: { steps: problem.steps, answer: problem.answer },
    before: before.get(problem.question) ?? null,
    steps,
    answer,
    right: isRight(attempt),
    legal: steps.map((step) => language.holds(step, problem)),
    reward: score?.total ?? null,
    rewards: score === null ? {} : componentsOf(reward, score),
    advantage: credited?.written ?? null,
    stepAdvantages: credited?.steps ?? [],
    latents: latents.count,
    symbols: symbols.length,
    truncated
  }
}

/** What a stage asks, and how much of it is shown. */
interface Asked<P> extends Pick<RoundSizes, "group" | "questions"> {
  readonly key: Key
  readonly rounds: number
  readonly problems: ReadonlyArray<P>
  /** Attempts of each round. */
  readonly completions: number
}

/** Questions that are answered before a stage, at most: those of its first rounds. */
const mostBefore = 1024

/** Problems whose attempts are shown, unless other questions take their place, each once. */
export const shownProblems = <P extends Problem>({
  completions,
  group,
  key,
  problems,
  questions,
  rounds
}: Asked<P>): ReadonlyArray<P> => {
  const rowsAt = rowsOf(key, problems.length, questions)
  const shown = new Map<string, P>()
  for (let round = 0; round < rounds && completions > 0 && shown.size < mostBefore; round++) {
    const asked = rowsAt(round)
    for (const row of shownRows(key, round, questions * group, completions)) {
      const problem = problems[asked[Math.floor(row / group)]!]!
      shown.set(problem.question, problem)
    }
  }
  return [...shown.values()]
}

/** Questions that are asked together. */
const together = 64

/** The answers of a model to questions, with the likeliest of everything. What it takes on the device is freed. */
export const answersOf = (
  method: Method,
  sizes: ModelSizes,
  parameters: Program.AnyValues,
  wording: Wording,
  problems: ReadonlyArray<Problem>
): Effect.Effect<Before, GenerateError, Device.Device> =>
  Effect.gen(function* () {
    if (problems.length === 0) return new Map<string, string | null>()
    const held = yield* hold(method, sizes, parameters)
    const made = yield* generator(held, wording, {
      latents: "mean",
      stops: "likely",
      answers: "greedy",
      questions: Math.min(together, problems.length)
    })
    // What is likeliest is so under any key.
    const attempts = yield* made.run(problems, fromSeed(0))
    return new Map(attempts.map(({ answer, problem }) => [problem.question, answer]))
  }).pipe(Effect.scoped)
