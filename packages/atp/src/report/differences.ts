/** Rows that were asked the same questions, held against each other. */
import { type Estimate, pairedDifference } from "../evaluate/bootstrap.ts"
import { wilson } from "../evaluate/interval.ts"
import { derive, fromSeed } from "../random/key.ts"
import type { Difference, Result } from "./summary.ts"

/** The name of a row in tables. */
export const rowName = ({ latents, method }: Pick<Result, "latents" | "method">): string =>
  latents === "none" ? method : `${method}, latents ${latents}`

/** Outcomes as a result keeps them, `1` for a right answer. */
export const outcomesText = (right: ReadonlyArray<boolean>): string => right.map((each) => (each ? "1" : "0")).join("")

const outcomesOf = ({ outcomes }: Result): ReadonlyArray<number> => Array.from(outcomes, Number)

/** The bounds of an accuracy: Wilson's 95 % interval over its questions. */
export const accuracyBounds = ({ accuracy, problems }: Pick<Result, "accuracy" | "problems">) =>
  wilson(Math.round(accuracy * problems), problems)

/** Whether two results are of the same questions, and say of each whether it was right. */
export const isAskedAlike = (one: Result, other: Result): boolean =>
  one.set === other.set && one.asked === other.asked && one.outcomes !== "" && other.outcomes !== ""

/**
 * How much more accurate one result is than another on the same questions, by the paired bootstrap; null where they were not
 * asked the same, or nobody knows which answers were right. The same results give the same bits.
 */
export const resultDifference = (one: Result, other: Result): Estimate | null =>
  isAskedAlike(one, other)
    ? pairedDifference(outcomesOf(one), outcomesOf(other), derive(fromSeed(0), "difference"))
    : null

/**
 * What every row has more than each one before it that was asked the same questions with latents taken alike, with the
 * interval of the paired bootstrap. The same results give the same bits.
 *
 * @example
 * const [difference] = Report.differencesOf([result, { ...result, method: "SIM-CoT", outcomes: "1111" }])
 * difference.against // => "Coconut, latents mean"
 * difference.mean // => 0.25
 */
export const differencesOf = (results: ReadonlyArray<Result>): ReadonlyArray<Difference> => {
  const isSampled = ({ latents }: Result) => latents === "sampled"
  return results.flatMap((row, i) =>
    results.slice(0, i).flatMap((other): ReadonlyArray<Difference> => {
      const difference = isSampled(other) === isSampled(row) ? resultDifference(row, other) : null
      return difference === null ? [] : [{ set: row.set, row: rowName(row), against: rowName(other), ...difference }]
    })
  )
}

/** A difference in points of percent, with its sign. */
export const signed = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`

/**
 * A difference with its interval, in points of percent.
 *
 * @example
 * Report.differenceText({ mean: 0.051, low: 0.039, high: 0.063 }) // => "+5.1 [3.9, 6.3]"
 */
export const differenceText = ({ high, low, mean }: Pick<Estimate, "high" | "low" | "mean">): string => {
  const bound = (share: number) => (100 * share).toFixed(1).replace("-", "−")
  return `${signed(mean)} [${bound(low)}, ${bound(high)}]`
}
