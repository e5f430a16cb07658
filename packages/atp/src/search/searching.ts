/** Searches at work: attempts on the device, which share what is read of their question, and the one that is taken. */
import { type Device, Program } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { Held } from "../method/held.ts"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { draws } from "../policy/draws.ts"
import { drawsRows } from "../policy/policy.ts"
import { derive, type Key } from "../random/key.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import { scoresOf } from "../rewards/scoring.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"
import { beamWith } from "./beam.ts"
import type { Search } from "./search.ts"

/** What a search found of one question. */
export interface Found {
  readonly attempts: ReadonlyArray<Rollout>
  /** By attempt; null where nothing was judged. */
  readonly scores: ReadonlyArray<number> | null
  /** Which attempt is taken; null if none has an answer. */
  readonly chosen: number | null
}

/**
 * The attempt whose answer is that of the search; where none has an answer the first.
 *
 * @example
 * const attempts = ["### 10", "### 11"].map((output) => ({
 *   ...Reward.attempt({ problem, language: Task.equations, output }), tail: [], said: []
 * }))
 * Search.takenOf({ attempts, scores: null, chosen: 1 }).answer // => "11"
 * Search.takenOf({ attempts, scores: null, chosen: null }).answer // => "10"
 */
export const takenOf = ({ attempts, chosen }: Found): Rollout => attempts[chosen ?? 0]!

/** Searches for one answer to each problem; the key decides all chance. */
export interface Searcher<E = never, R = never> {
  readonly run: (
    problems: ReadonlyArray<Problem>,
    key: Key
  ) => Effect.Effect<ReadonlyArray<Found>, GenerateError | RewardLawBroken | E, R>
}

/**
 * A search that a method cannot be asked for.
 *
 * @example
 * yield* Model.search(untrained, "1 + 2", Search.vote(8))
 * // fails SIM-CoT draws nothing, and all 8 attempts of vote-8 would be the same; expected noise or dropout
 */
export class BadSearch extends Data.TaggedError("BadSearch")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** Methods that think are searched over their latents, as in arXiv 2510.07745; the chance of others is in what they write. */
export const drawsWriting = ({ layout }: Method): boolean => !layout.thinks || layout.writes === "chain"

/** Why a method cannot be searched so, in a sentence, or null. */
export const refusalOfSearch = <E, R>(
  { attempts, beam, name, stirred }: Search<E, R>,
  method: Method,
  sizes: ModelSizes
): string | null => {
  if (stirred !== null && !method.layout.thinks)
    return `${method.name} has no latents to be searched with ${stirred.name}; it draws what it writes`
  if (beam !== null && !method.layout.thinks)
    return `${method.name} has no latents whose prefixes ${name} could keep; expected a method that thinks`
  const { policy, stop } = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes)
  if (stirred !== null && !drawsRows(policy))
    return `${method.name} draws ${policy.over === "vocabulary" ? "scores of symbols" : "symbols"}, which ${stirred.name} does nothing to; it is searched as it draws`
  if (attempts === 1 || stirred !== null || drawsWriting(method)) return null
  return stop.logits !== null || draws(policy, sizes.width)
    ? null
    : `${method.name} draws nothing, and all ${attempts} attempts of ${name} would be the same; expected noise or dropout`
}

/** The score of an attempt that is a copy of another. */
const never = Number.NEGATIVE_INFINITY

/** Attempts that are made at the same time, unless one question has more. */
const together = 128

/**
 * A search of a held method. Fails with `BadSearch` where the method draws nothing, so that all attempts would be alike. Steps
 * are put into words where attempts are judged, or where they are asked for.
 *
 *     const searcher = yield* searching(held, wording, bestOf(8, coherence()))
 *     const [{ attempts, chosen }] = yield* searcher.run([problem], key)
 */
export const searching = Effect.fnUntraced(function* <E, R>(
  held: Held,
  wording: Wording,
  search: Search<E, R>,
  { questions = together, spoken = search.by !== null }: { readonly questions?: number; readonly spoken?: boolean } = {}
): Effect.fn.Return<Searcher<E, R>, BadSearch | Program.ProgramError, Device.Device | Scope.Scope> {
  const { attempts: group, beam, by, choose, stirred } = search
  const refusal = refusalOfSearch(search, held.method, held.sizes)
  if (refusal !== null) return yield* new BadSearch({ reason: refusal })
  const made = yield* generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: drawsWriting(held.method) ? "sampled" : "greedy",
    texts: spoken ? "greedy" : "none",
    questions: Math.max(1, Math.min(questions, Math.floor(together / group))),
    group,
    keepLatents: by !== null,
    goesOn: beam !== null,
    ...(stirred === null ? {} : { policy: ({ policy }) => (drawsRows(policy) ? stirred.of(policy) : policy) })
  })
  if (beam !== null && by !== null) {
    const levelsOf = beamWith(made, beam, by, wording)
    return {
      run: (problems: ReadonlyArray<Problem>, key: Key) =>
        Effect.map(levelsOf(problems, derive(key, "attempts")), (levels) =>
          levels.map(({ attempts, scores }): Found => ({
            attempts,
            scores,
            chosen: choose(
              attempts.map(({ answer }, at) => ({ answer: scores[at] === never ? null : answer, score: scores[at]! }))
            )
          }))
        )
    }
  }
  return {
    run: Effect.fnUntraced(function* (problems: ReadonlyArray<Problem>, key: Key) {
      const all = yield* made.run(problems, derive(key, "attempts"))
      const scores = by === null ? null : yield* scoresOf(by, all, derive(key, "scores"))
      return problems.map((_, i): Found => {
        const own = <T>(of: ReadonlyArray<T>) => of.slice(i * group, (i + 1) * group)
        const attempts = own(all)
        const judged = scores === null ? null : own(scores).map(({ total }) => total)
        return {
          attempts,
          scores: judged,
          chosen: choose(attempts.map(({ answer }, at) => ({ answer, score: judged?.[at] ?? 0 })))
        }
      })
    })
  }
})
