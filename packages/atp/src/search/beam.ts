/**
 * Beam search over latents (after arXiv 2510.07745, section 4): after every group of latents the best prefixes are kept, and
 * each is gone on from several times with other noise.
 */
import * as Effect from "effect/Effect"
import type { Problem } from "../data/problem.ts"
import { derive, type Key } from "../random/key.ts"
import type { Attempt } from "../rewards/attempt.ts"
import type { RewardLawBroken } from "../rewards/errors.ts"
import type { Reward } from "../rewards/reward.ts"
import { scoresOf } from "../rewards/scoring.ts"
import type { GenerateError, Generator, Rollout } from "../rollout/generate.ts"
import type { Prefix } from "../rollout/prefix.ts"
import type { Beam } from "./search.ts"

/** A prefix that was kept: its latents, and whether it has stopped. */
interface Kept {
  readonly data: Float32Array
  readonly count: number
  readonly stopped: boolean
}

/** What came of the last latents: attempts, those that are no copy of another, and what the prefixes are worth. */
interface Level {
  readonly attempts: ReadonlyArray<Rollout>
  readonly scores: ReadonlyArray<number>
}

/** The places of the best scores, at most so many, best first; of equals the first. What is not a number is never kept. */
export const survivors = (scores: ReadonlyArray<number>, width: number): ReadonlyArray<number> =>
  scores
    .map((score, at) => ({ score, at }))
    .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, width)
    .map(({ at }) => at)

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** An attempt as if it had thought no more than so many groups. */
const cut = (attempt: Rollout, groups: number, perStep: number): Attempt => {
  const count = Math.min(attempt.latents.count, groups * perStep)
  return {
    ...attempt,
    steps: attempt.steps.slice(0, groups),
    latents: {
      count,
      values: () =>
        Effect.map(attempt.latents.values(), ({ data, shape: [, width] }) => ({
          shape: [count, width] as const,
          data: data.subarray(0, count * width)
        }))
    }
  }
}

/**
 * What prefixes of so many groups are worth. A reward that scores steps looks at what the prefix comes to when it is finished
 * at its likeliest, and the mean of its own steps counts; any other is asked of the prefix itself, with that answer.
 */
const worthOf = Effect.fnUntraced(function* <E, R>(
  by: Reward<E, R>,
  attempts: ReadonlyArray<Rollout>,
  groups: number,
  perStep: number,
  key: Key
) {
  const whole = yield* scoresOf(by, attempts, key)
  const cuts = attempts.map((attempt) => cut(attempt, groups, perStep))
  const scoresSteps = whole.some(({ perStep = [] }) => perStep.length > 0)
  const own = scoresSteps ? whole : yield* scoresOf(by, cuts, key)
  return own.map(({ perStep: steps = [], total }) => (steps.length === 0 ? total : mean(steps.slice(0, groups))))
})

/** How a beam is searched with a generator that goes on from prefixes, of `width` times `samples` attempts at a question. */
export const beamWith =
  <E, R>(
    generator: Generator,
    { samples, width }: Beam,
    by: Reward<E, R>,
    { maxSteps, perStep }: { readonly maxSteps: number; readonly perStep: number }
  ) =>
  (
    problems: ReadonlyArray<Problem>,
    key: Key
  ): Effect.Effect<ReadonlyArray<Level>, GenerateError | RewardLawBroken | E, R> =>
    Effect.gen(function* () {
      const each = width * samples
      const latents = maxSteps * perStep
      const nothing: Kept = { data: new Float32Array(0), count: 0, stopped: false }
      let kept: ReadonlyArray<ReadonlyArray<Kept>> = problems.map(() => [nothing])
      let levels: ReadonlyArray<Level> = []
      for (let groups = 1; groups <= maxSteps; groups++) {
        const beamOf = (question: number, row: number): Kept => {
          const own = kept[question]!
          return own[row % own.length]!
        }
        const prefixes = problems.flatMap((_, question) =>
          Array.from({ length: each }, (_, row): Prefix => {
            const { count, data, stopped } = beamOf(question, row)
            return { data, count, drawn: groups * perStep, most: stopped ? count : latents }
          })
        )
        // The same key all along: every group of latents has noise of its own, and is drawn once.
        const attempts = yield* generator.run(problems, key, prefixes)
        const scores = yield* worthOf(by, attempts, groups, perStep, derive(key, "scores"))
        levels = problems.map((_, question): Level => {
          const from = question * each
          const beams = kept[question]!.length
          return {
            attempts: attempts.slice(from, from + each),
            scores: scores.slice(from, from + each).map((score, row) =>
              // What has stopped is the same however often it is gone on from.
              row >= beams && beamOf(question, row).stopped ? Number.NEGATIVE_INFINITY : score
            )
          }
        })
        const next: Array<ReadonlyArray<Kept>> = []
        for (const { attempts, scores } of levels)
          next.push(
            yield* Effect.forEach(survivors(scores, width), (at) =>
              Effect.map(attempts[at]!.latents.values(), ({ data, shape: [count] }): Kept => {
                const there = Math.min(count, groups * perStep)
                return { data, count: there, stopped: there < groups * perStep }
              })
            )
          )
        kept = next
        if (kept.every((beams) => beams.every(({ stopped }) => stopped))) break
      }
      return levels
    })
