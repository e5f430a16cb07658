/** Rows that were asked the same questions, held against each other. */
import { type Estimate, pairedDifference } from "../evaluate/bootstrap.ts"
import { derive, fromSeed } from "../random/key.ts"
import type { Difference, Result } from "./summary.ts"

/** The name of a row in tables. */
export const rowName = ({ latents, method }: Pick<Result, "latents" | "method">): string =>
  latents === "none" ? method : `${method}, latents ${latents}`

/** Outcomes as a result keeps them, `1` for a right answer. */
export const outcomesText = (right: ReadonlyArray<boolean>): string => right.map((each) => (each ? "1" : "0")).join("")

const outcomesOf = ({ outcomes }: Result): ReadonlyArray<number> => Array.from(outcomes, Number)

/**
 * What every row has more than each one before it that was asked the same questions with latents taken alike, with the
 * interval of the paired bootstrap. The same results give the same bits.
 */
export const differencesOf = (results: ReadonlyArray<Result>): ReadonlyArray<Difference> => {
  const key = derive(fromSeed(0), "difference")
  const isSampled = ({ latents }: Result) => latents === "sampled"
  return results.flatMap((row, i) =>
    results.slice(0, i).flatMap((other): ReadonlyArray<Difference> => {
      if (other.set !== row.set || other.asked !== row.asked || row.outcomes === "") return []
      if (isSampled(other) !== isSampled(row)) return []
      const difference = pairedDifference(outcomesOf(row), outcomesOf(other), key)
      return [{ set: row.set, row: rowName(row), against: rowName(other), ...difference }]
    })
  )
}

const signed = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`

/** `+5.1 [3.9, 6.3]`, in points of percent. */
export const differenceText = ({ high, low, mean }: Pick<Estimate, "high" | "low" | "mean">): string => {
  const bound = (share: number) => (100 * share).toFixed(1).replace("-", "−")
  return `${signed(mean)} [${bound(low)}, ${bound(high)}]`
}
