/** Choosing between candidates, on questions that nothing is judged on afterwards. */
import * as Effect from "effect/Effect"
import type { Problem, Split } from "../data/problem.ts"

/** Splits that may be chosen on. */
export type Choosable = Exclude<Split, "test">

/** What was chosen, of what, and on which questions; plain data, to be kept with the run. */
export interface Receipt {
  readonly chosen: string
  /** The score of every candidate, by name. */
  readonly scores: Readonly<Record<string, number>>
  readonly on: { readonly set: string; readonly questions: number }
}

/**
 * The candidate with the best score on questions of which none is a test question: those do not compile here. Of equals
 * the first is taken; a score that is not a number is never the best. Fails as the score does; dies without a candidate.
 *
 *     const { best, receipt } = yield* Evaluate.choose(
 *       { supervised, reinforced },
 *       { set: "validation", problems: subject.validation },
 *       (model, problems) => accuracyOf(model, problems)
 *     )
 *
 * @example
 * const on = { set: "validation", problems: [problem] }
 * const { best, receipt } = yield* Evaluate.choose({ low: 0.3, high: 0.6 }, on, (share) => Effect.succeed(share))
 * best // => 0.6
 * receipt // => { chosen: "high", scores: { low: 0.3, high: 0.6 }, on: { set: "validation", questions: 1 } }
 */
export const choose = Effect.fnUntraced(function* <A, E, R>(
  candidates: Readonly<Record<string, A>>,
  on: { readonly set: string; readonly problems: ReadonlyArray<Problem<Choosable>> },
  score: (candidate: A, problems: ReadonlyArray<Problem<Choosable>>) => Effect.Effect<number, E, R>
): Effect.fn.Return<{ readonly best: A; readonly receipt: Receipt }, E, R> {
  const names = Object.keys(candidates)
  if (names.length === 0) throw new RangeError("there is nothing to choose from")
  const scores = yield* Effect.forEach(names, (name) => score(candidates[name]!, on.problems))
  const worth = (i: number) => (Number.isNaN(scores[i]) ? Number.NEGATIVE_INFINITY : scores[i]!)
  const at = names.reduce((best, _, i) => (worth(i) > worth(best) ? i : best), 0)
  return {
    best: candidates[names[at]!]!,
    receipt: {
      chosen: names[at]!,
      scores: Object.fromEntries(names.map((name, i) => [name, scores[i]!])),
      on: { set: on.set, questions: on.problems.length }
    }
  }
})
