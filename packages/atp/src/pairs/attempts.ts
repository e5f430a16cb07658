/** Attempts of a model at questions, told right and wrong by their answers. */
import type { Device, Program } from "@noema/tensor"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { Held } from "../method/held.ts"
import type { Key } from "../random/key.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import { type GenerateError, generator, type Rollout, type Wording } from "../rollout/generate.ts"

/** An attempt as it is learnt from. */
export interface Tried {
  readonly problem: Problem
  /** Values of its latents, [count, width]. */
  readonly latents: Float32Array
  readonly count: number
  /** `<eot>` and what was written, the end mark included. */
  readonly tail: ReadonlyArray<number>
}

/** A right attempt and a wrong one at the same question. */
export interface Pair {
  readonly right: Tried
  readonly wrong: Tried
}

/** What is learnt from: pairs, and the attempts that models of either side go over. */
export interface Sides {
  readonly pairs: ReadonlyArray<Pair>
  readonly right: ReadonlyArray<Tried>
  readonly wrong: ReadonlyArray<Tried>
}

/** Nothing can be learnt from attempts that are alike right or alike wrong. */
export class NothingToPair extends Data.TaggedError("NothingToPair")<{
  readonly method: string
  readonly questions: number
  readonly right: number
  readonly wrong: number
}> {
  override get message(): string {
    const found =
      this.wrong === 0
        ? `all ${this.right} attempts are right`
        : this.right === 0
          ? `all ${this.wrong} attempts are wrong`
          : `${this.right} attempts are right and ${this.wrong} wrong, at different ones`
    return `expected questions at which some attempts of ${this.method} are right and some wrong, found none among ${this.questions}: ${found}; draw more attempts, ask more questions, or train it ${this.wrong === 0 ? "less" : "further"}`
  }
}

/** Attempts made at the same time, unless one question has more. */
const together = 256

interface Told extends Tried {
  readonly answer: string | null
}

/** Of attempts those that are different: they think, or they were written differently. */
const different = (all: ReadonlyArray<Told>): ReadonlyArray<Told> => {
  const seen = new Set<string>()
  return all.filter(({ count, tail }) => {
    const text = tail.join()
    const isNew = count > 0 || !seen.has(text)
    seen.add(text)
    return isNew
  })
}

/**
 * Those with the commonest wrong answers, as many answers as it takes for half of them (arXiv 2411.19943, section 3): what is
 * wrong systematically.
 */
const commonest = (wrong: ReadonlyArray<Told>): ReadonlyArray<Told> => {
  const counts = new Map<string | null, number>()
  for (const { answer } of wrong) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const order = [...counts].toSorted(([, a], [, b]) => b - a)
  const taken = new Set<string | null>()
  let covered = 0
  for (const [answer, count] of order) {
    if (covered >= wrong.length / 2) break
    taken.add(answer)
    covered += count
  }
  return wrong.filter(({ answer }) => taken.has(answer))
}

/** What attempts at questions come to: pairs, and what the models of either side learn from. */
export const sidesOf = (
  groups: ReadonlyArray<{ readonly right: ReadonlyArray<Told>; readonly wrong: ReadonlyArray<Told> }>
): Sides => ({
  pairs: groups.flatMap(({ right, wrong }) => {
    const [winners, losers] = [different(right), different(wrong)]
    return winners.length === 0
      ? []
      : losers.map((loser, i): Pair => ({ right: winners[i % winners.length]!, wrong: loser }))
  }),
  right: groups.flatMap(({ right }) => right.slice(0, 1)),
  wrong: groups.flatMap(({ wrong }) => commonest(wrong))
})

/**
 * Attempts of a held model at problems, so many at each, drawn as reinforcement draws them but by the method's own policy.
 * Fails with `NothingToPair` where at no question some are right and some wrong.
 */
export const tried = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  problems: ReadonlyArray<Problem>,
  attempts: number,
  key: Key
): Effect.fn.Return<Sides, GenerateError | NothingToPair | Program.ProgramError, Device.Device | Scope.Scope> {
  const made = yield* generator(held, wording, {
    latents: "sampled",
    stops: "sampled",
    answers: "sampled",
    keepLatents: true,
    group: attempts,
    questions: Math.max(1, Math.floor(together / attempts))
  })
  const all = yield* made.run(problems, key)
  const toldOf = Effect.fnUntraced(function* ({ answer, latents, problem, tail }: Rollout) {
    const data = latents.count === 0 ? new Float32Array(0) : (yield* latents.values()).data
    const told: Told = { problem, answer, count: latents.count, latents: data, tail }
    return told
  })
  const told = yield* Effect.forEach(all, toldOf)
  const isRight = ({ answer, problem }: Told): boolean => answer !== null && sameAnswer(answer, problem.answer)
  const groups = problems.map((_, i) => {
    const own = told.slice(i * attempts, (i + 1) * attempts)
    return { right: own.filter(isRight), wrong: own.filter((each) => !isRight(each)) }
  })
  const sides = sidesOf(groups)
  if (sides.pairs.length === 0) {
    const right = told.filter(isRight).length
    return yield* new NothingToPair({
      method: held.method.name,
      questions: problems.length,
      right,
      wrong: told.length - right
    })
  }
  return sides
})
