/** What a reward model learns from: candidates at questions, and of every prefix how often what goes on from it is right. */
import type { Device, Program } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { Held } from "../method/held.ts"
import { drawsRows } from "../policy/policy.ts"
import { derive, type Key } from "../random/key.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"
import type { Prefix } from "../rollout/prefix.ts"
import type { Stirring } from "../search/search.ts"

/** A question with candidates, and labels of their groups: those that a candidate has not kept have none. */
export interface Labelled {
  readonly problem: Problem
  readonly candidates: ReadonlyArray<{
    readonly data: Float32Array
    readonly count: number
    /** By group, the share of attempts from there on that are right; of the last group 1 or 0, what came of it. */
    readonly labels: ReadonlyArray<number>
  }>
}

/** Nothing can be learnt from candidates that are alike right or alike wrong. */
export class NothingToRank extends Data.TaggedError("NothingToRank")<{
  readonly method: string
  readonly questions: number
}> {
  override get message(): string {
    return `expected questions at which some attempts of ${this.method} are right and some wrong, found none among ${this.questions}; train it further, draw more candidates, or stir them more`
  }
}

/** How labels are made. */
export interface LabelOptions {
  /** Attempts at each question that are ranked. */
  readonly candidates: number
  /** Attempts that go on from every prefix. */
  readonly completions: number
  /** What stirs latents of methods that draw none; null where they are drawn as the method draws them. */
  readonly stirred: Stirring | null
}

/** Attempts made at the same time, unless one question has more. */
const together = 256

const isRight = ({ answer, problem }: Rollout): boolean => answer !== null && sameAnswer(answer, problem.answer)

/**
 * Candidates at questions with soft labels from completions (arXiv 2510.07745, section 4.2). Questions at which all candidates
 * are right or all are wrong are left out. Fails with `NothingToRank` where none remains.
 */
export const labelled = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  problems: ReadonlyArray<Problem>,
  { candidates, completions, stirred }: LabelOptions,
  key: Key
): Effect.fn.Return<
  ReadonlyArray<Labelled>,
  GenerateError | NothingToRank | Program.ProgramError,
  Device.Device | Scope.Scope
> {
  const { maxSteps, perStep } = wording
  const drawn = {
    latents: "sampled",
    stops: "sampled",
    answers: "greedy",
    keepLatents: true,
    ...(stirred === null ? {} : { policy: ({ policy }) => (drawsRows(policy) ? stirred.of(policy) : policy) })
  } satisfies Partial<Parameters<typeof generator>[2]>
  const sizes = (group: number) => ({ group, questions: Math.max(1, Math.floor(together / group)) })
  const first = yield* generator(held, wording, { ...drawn, ...sizes(candidates) })
  const made = yield* first.run(problems, derive(key, "candidates"))
  const valued = yield* Effect.forEach(made, (attempt) =>
    Effect.map(attempt.latents.values(), ({ data }) => ({ attempt, data, labels: new Array<number>() }))
  )
  const questions = problems.map((problem, i) => ({
    problem,
    candidates: valued.slice(i * candidates, (i + 1) * candidates)
  }))
  const mixed = questions.filter(({ candidates: all }) => {
    const right = all.filter(({ attempt }) => isRight(attempt)).length
    return right > 0 && right < all.length
  })
  if (mixed.length === 0) return yield* new NothingToRank({ method: held.method.name, questions: problems.length })

  const onwards = yield* generator(held, wording, { ...drawn, ...sizes(candidates * completions), goesOn: true })
  const latents = maxSteps * perStep
  for (let groups = 1; groups <= maxSteps; groups++) {
    const count = groups * perStep
    const prefixes = mixed.flatMap(({ candidates }) =>
      candidates.flatMap(({ attempt, data }) =>
        Array.from({ length: completions }, (): Prefix => {
          const kept = Math.min(count, attempt.latents.count)
          return { data, count: kept, drawn: latents, most: kept < count ? kept : latents }
        })
      )
    )
    // Of the last group nothing goes on, and what came of it is known.
    const isNeeded = mixed.some(({ candidates }) => candidates.some(({ attempt }) => attempt.latents.count > count))
    const attempts = isNeeded
      ? yield* onwards.run(
          mixed.map(({ problem }) => problem),
          derive(key, "completions", groups),
          prefixes
        )
      : []
    mixed.forEach(({ candidates: all }, question) =>
      all.forEach(({ attempt, labels }, candidate) => {
        if (attempt.latents.count < count) return
        const from = (question * candidates + candidate) * completions
        const own = attempts.slice(from, from + completions)
        labels.push(
          attempt.latents.count === count ? Number(isRight(attempt)) : own.filter(isRight).length / own.length
        )
      })
    )
  }
  return mixed.map(({ candidates, problem }) => ({
    problem,
    candidates: candidates.map(({ attempt, data, labels }) => ({ data, count: attempt.latents.count, labels }))
  }))
})
