/** Accuracies as text, for a terminal of 80 columns. */
import { accuracyBounds } from "./differences.ts"
import type { Tells } from "../evaluate/tells.ts"
import { percent } from "./markup.ts"
import type { PassLine, Result } from "./summary.ts"

/** What is known of an accuracy: its set, how many questions that is of, and what a guess gets. */
export type Judged = Pick<Result, "accuracy" | "chance" | "problems" | "set">

/** The bounds of an accuracy in percent. */
export const intervalOf = (result: Pick<Result, "accuracy" | "problems">): readonly [string, string] => {
  const [low, high] = accuracyBounds(result)
  return [percent(low), percent(high)]
}

/**
 * `98.1 % of 1000 right (95 % interval 97.1 to 98.8; a guess 14.3)`.
 *
 * @example
 * Report.accuracyText({ accuracy: 0.981, chance: 1 / 7, problems: 1000, set: "id" })
 * // => "98.1 % of 1000 right (95 % interval 97.1 to 98.8; a guess 14.3)"
 */
export const accuracyText = (judged: Judged): string => {
  const [low, high] = intervalOf(judged)
  return `${percent(judged.accuracy)} % of ${judged.problems} right (95 % interval ${low} to ${high}; a guess ${percent(judged.chance)})`
}

const nameWidth = 34
/** Text in so many columns: cut, or padded. */
export const fitted = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)

/** A list in lines of at most 80 signs, as far as what it lists is shorter. */
const folded = (first: string, rest: ReadonlyArray<string>): string => {
  const lines = [first]
  for (const each of rest) {
    const line = `${lines.at(-1)}, ${each}`
    if (line.length < 80) lines[lines.length - 1] = line
    else lines.push(`  ${each}`)
  }
  return lines.map((line, at) => (at === lines.length - 1 ? line : `${line},`)).join("\n")
}

/**
 * `atp-latent-rl, 200 questions: pass@1 72.0 [67.1, 76.6], ...`, what is known of it.
 *
 * @example
 * const line = { name: "atp-latent-rl", questions: 200, points: [[1, 0.72], [2, 0.8]] } as const
 * Report.passText(line) // => "atp-latent-rl, 200 questions: pass@1 72.0, pass@2 80.0"
 */
export const passText = ({ bounds, name, points, questions }: PassLine): string => {
  const rates = points.map(([k, share], i) => {
    const [low, high] = bounds?.[i] ?? []
    const interval = low === undefined || high === undefined ? "" : ` [${percent(low)}, ${percent(high)}]`
    return `pass@${k} ${percent(share)}${interval}`
  })
  return folded(
    `${name}${questions === undefined ? "" : `, ${questions} questions`}: ${rates[0] ?? ""}`,
    rates.slice(1)
  )
}

/** `coherence (strict) scores a right attempt above a wrong one in 61.3 % of cases [57.0, 65.4], 120 questions with both`. */
export const tellsText = ({ high, low, mean, of, reward }: Tells): string =>
  `${reward} scores a right attempt above a wrong one in ${percent(mean)} % [${percent(low)}, ${percent(high)}], ${of} questions with both; a coin 50.0`

/** What a row of the table shows. */
type Shown = Judged &
  Pick<Result, "latents" | "method" | "tokens"> & { readonly card?: { readonly donor: number | null } | null }

const rowOf = (result: Shown): string => {
  const [low, high] = intervalOf(result)
  const name = result.latents === "none" ? result.method : `${result.method} (${result.latents})`
  return (
    `  ${fitted(name, nameWidth)}${percent(result.accuracy).padStart(8)}` +
    `${low.padStart(9)} – ${high.padStart(5)}${result.tokens.toFixed(1).padStart(9)}` +
    (result.card?.donor == null ? "" : percent(result.card.donor).padStart(9))
  )
}

/**
 * Results as text, a paragraph for every set with its questions and what a guess gets, and in it a row for every method with
 * its accuracy, the interval of that, its tokens, and of a card the share of answers that were the donor's. No line has more
 * than 80 signs.
 *
 * @example
 * const [head, set, row] = Report.tableOf([result]).split("\n")
 * set // => "id: 4 questions, a guess is right in 25.0 %"
 * row // => "  Coconut (mean)                        75.0     30.1 –  95.4      5.0"
 */
export const tableOf = (results: ReadonlyArray<Shown>): string => {
  const head = `${"".padEnd(nameWidth + 2)}${"right %".padStart(8)}${"95 % interval".padStart(17)}${"tokens".padStart(9)}${results.some(({ card }) => card?.donor != null) ? "donor %".padStart(9) : ""}`
  const paragraphs = [...Map.groupBy(results, ({ set }) => set)].map(([set, rows]) => {
    const { chance, problems } = rows[0]!
    const asked = `${problems} ${problems === 1 ? "question" : "questions"}, a guess is right in ${percent(chance)} %`
    return [`${fitted(set, 32).trimEnd()}: ${asked}`, ...rows.map(rowOf)].join("\n")
  })
  return [head, ...paragraphs].join("\n")
}
