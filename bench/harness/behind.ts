/** Where a peer is faster, said in words beside the table, so that nobody has to look for the ratios below 1. */
import type { Row } from "./module.ts"

/** Below this a ratio is called slower; what is between it and 1 is within what repeating a benchmark moves. */
const even = 0.97

/**
 * Of every column in `ratios` (how many times faster we are than the peer it names) the rows in which we are slower.
 *
 * @example
 * behind([{ d: 128, x: 1.4 }, { d: 256, x: 0.7 }], { x: "PyTorch" }, ({ d }) => `d = ${d}`)
 * // => ["Noema is slower than PyTorch: d = 256 (0.70)."]
 */
export const behind = (
  rows: ReadonlyArray<Row>,
  ratios: Readonly<Record<string, string>>,
  label: (row: Row) => string,
  who = "Noema"
): ReadonlyArray<string> =>
  Object.entries(ratios).flatMap(([column, peer]) => {
    const compared = rows.flatMap((row) => {
      const ratio = row[column]
      return typeof ratio === "number" ? [{ row, ratio }] : []
    })
    if (compared.length === 0) return []
    const slower = compared.filter(({ ratio }) => ratio < even)
    return [
      slower.length === 0
        ? `${who} is nowhere slower than ${peer}.`
        : `${who} is slower than ${peer}: ${slower.map(({ ratio, row }) => `${label(row)} (${ratio.toFixed(2)})`).join(", ")}.`
    ]
  })
