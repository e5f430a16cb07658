/** pass@k: how often one of k attempts at a question is right. */
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { derive, draws, type Key } from "../random/key.ts"
import type { GenerateError, Generator, Rollout } from "../rollout/generate.ts"
import { bootstrap, type Estimate } from "./bootstrap.ts"
import { isRight } from "./metrics.ts"
import { passAtK } from "./passAtK.ts"

/** An estimate of pass@k, with its interval over questions. */
export interface PassRate extends Estimate {
  readonly k: number
}

/** pass@k for k = 1, 2, 4, ... up to the attempts that were made at each question. */
export interface Passes {
  readonly questions: number
  readonly attempts: number
  readonly rates: ReadonlyArray<PassRate>
}

/** Questions that pass@k is estimated on, unless there are fewer. */
const usualQuestions = 200

/**
 * Questions of all sets together, each once, as many as are wanted: which ones, the key alone decides.
 *
 * @example
 * const other = { ...problem, question: "1+1" }
 * const sets = [["id", [problem]], ["hard", [problem, other]]] as const
 * Evaluate.questionsOfAll(sets, Key.fromSeed(1)).length // => 2
 */
export const questionsOfAll = (
  sets: ReadonlyArray<readonly [name: string, problems: ReadonlyArray<Problem>]>,
  key: Key,
  wanted = usualQuestions
): ReadonlyArray<Problem> => {
  const all = new Map(sets.flatMap(([, problems]) => problems.map((problem) => [problem.question, problem] as const)))
  return draws(key)
    .shuffle([...all.values()])
    .slice(0, wanted)
}

/**
 * The unbiased estimate of pass@k of attempts by question, with the interval of the bootstrap over questions. Throws where
 * questions have not as many attempts as one another, or there is none.
 *
 * @example
 * const { rates } = Evaluate.passesOf([[true, false], [false, false]], Key.fromSeed(1))
 * rates.map(({ k, mean }) => [k, mean]) // => [[1, 0.25], [2, 0.5]]
 */
export const passesOf = (right: ReadonlyArray<ReadonlyArray<boolean>>, key: Key): Passes => {
  const attempts = right[0]?.length ?? 0
  const other = right.find(({ length }) => length !== attempts)
  if (attempts === 0 || other !== undefined)
    throw new RangeError(`expected as many attempts at every question, found ${attempts} and ${other?.length ?? 0}`)
  const ks = Array.from({ length: Math.floor(Math.log2(attempts)) + 1 }, (_, i) => 2 ** i)
  const rateAt = (k: number): PassRate => {
    const each = right.map((of) => passAtK(of.length, of.filter(Boolean).length, k))
    return { k, ...bootstrap(each, derive(key, "pass", k)) }
  }
  return { questions: right.length, attempts, rates: ks.map(rateAt) }
}

/** So many attempts at each problem, by problem; the generator should sample. */
export const attemptsAt = (
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  attempts: number,
  key: Key
): Effect.Effect<ReadonlyArray<ReadonlyArray<Rollout>>, GenerateError> => {
  const repeated = problems.flatMap((problem) => Array.from({ length: attempts }, () => problem))
  return Effect.map(generator.run(repeated, key), (rollouts) =>
    problems.map((_, i) => rollouts.slice(i * attempts, (i + 1) * attempts))
  )
}

/**
 * So many attempts at each problem, and their pass@k; the generator should sample. Fails with `QuestionTooLong` or
 * `UnknownSymbol` for a problem that the model cannot read.
 *
 * @example
 * const generator = yield* Model.answering(untrained, { answers: "sampled" })
 * const problems = [{ question: "1 + 2", steps: ["1 + 2 = 3"], answer: "3" }]
 * const { attempts, rates } = yield* Evaluate.passes(generator, problems, 2, Key.fromSeed(1))
 * rates.map(({ k }) => k) // => [1, 2]
 */
export const passes = (
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  attempts: number,
  key: Key
): Effect.Effect<Passes, GenerateError> =>
  Effect.map(attemptsAt(generator, problems, attempts, key), (made) =>
    passesOf(
      made.map((of) => of.map(isRight)),
      key
    )
  )
