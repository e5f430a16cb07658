/** Search: from several attempts at one question to one answer. */
import * as Effect from "effect/Effect"
import { canonicalNumber } from "../data/equation.ts"
import type { Problem } from "../data/problem.ts"
import { derive, type Key } from "../random/key.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import { scoresOf } from "../rewards/scoring.ts"
import type { GenerateError, Generator } from "../rollout/generate.ts"

/** A finished attempt, with what a scorer thought of it. */
export interface Candidate {
  /** Null where the attempt gave no answer. */
  readonly answer: string | null
  readonly score: number
}

/** One answer, or null if no candidate has one. */
export type Search = (candidates: ReadonlyArray<Candidate>) => string | null

/** The answer of the first attempt. */
export const single: Search = (candidates) => candidates[0]?.answer ?? null

const ballot = (candidates: ReadonlyArray<Candidate>, weight: (candidate: Candidate) => number): string | null => {
  const votes = new Map<string, number>()
  for (const candidate of candidates) {
    if (candidate.answer === null) continue
    const answer = canonicalNumber(candidate.answer)
    votes.set(answer, (votes.get(answer) ?? 0) + weight(candidate))
  }
  // Of answers with equally many votes the first given wins, so the result does not depend on chance.
  return [...votes].reduce<readonly [string | null, number]>(
    (best, [answer, count]) => (count > best[1] ? [answer, count] : best),
    [null, Number.NEGATIVE_INFINITY]
  )[0]
}

/** The most frequent answer (self-consistency); numbers in different spellings count as one. */
export const vote: Search = (candidates) => ballot(candidates, () => 1)

/** The answer with the largest sum of scores. */
export const weightedVote: Search = (candidates) => ballot(candidates, ({ score }) => score)

/** The answer of the attempt with the best score. */
export const bestOf: Search = (candidates) =>
  candidates.reduce<Candidate | null>(
    (best, candidate) =>
      candidate.answer !== null && (best === null || candidate.score > best.score) ? candidate : best,
    null
  )?.answer ?? null

/** The searches by name. */
export const searches = { single, vote, "weighted-vote": weightedVote, best: bestOf } as const satisfies Record<
  string,
  Search
>
/** A search by name. */
export type SearchName = keyof typeof searches

/**
 * One answer per problem, searched for among `attempts` attempts that a scorer has judged: the same reward that
 * reinforcement uses, or a learned one. The generator should sample.
 */
export const answers = Effect.fnUntraced(function* <E, R>(
  generator: Generator,
  { attempts, scorer, search }: { readonly search: Search; readonly attempts: number; readonly scorer: Reward<E, R> },
  problems: ReadonlyArray<Problem>,
  key: Key
): Effect.fn.Return<ReadonlyArray<string | null>, GenerateError | RewardLawBroken | E, R> {
  const repeated = problems.flatMap((problem) => Array.from({ length: attempts }, () => problem))
  const made = yield* generator.run(repeated, derive(key, "attempts"))
  const scores = yield* scoresOf(scorer, made, derive(key, "scores"))
  const candidates = made.map(({ answer }, i): Candidate => ({ answer, score: scores[i]!.total }))
  return problems.map((_, i) => search(candidates.slice(i * attempts, (i + 1) * attempts)))
})
