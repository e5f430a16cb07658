/** Causal cards on the page: what each says in words, and all of a set side by side. */
import { type CardFigures, cardRows, readRows } from "./card.ts"
import { rowName } from "./differences.ts"
import { percent, table, unique } from "./markup.ts"
import type { Result } from "./summary.ts"
import { escape } from "./svg.ts"

interface Carded {
  readonly name: string
  readonly card: CardFigures
}

/** Rows of several cards, a column for each. */
const sideBySide = (
  carded: ReadonlyArray<Carded>,
  rowsOf: (card: CardFigures) => ReadonlyArray<readonly [name: string, share: string]>
): ReadonlyArray<ReadonlyArray<string>> => {
  const columns = carded.map(({ card }) => new Map(rowsOf(card)))
  return unique(columns.flatMap((column) => [...column.keys()])).map((row) => [
    escape(row),
    ...columns.map((column) => escape(column.get(row) ?? ""))
  ])
}

/** The cards of a set, or nothing where it has none. */
export const cardSection = (results: ReadonlyArray<Result>, set: string): string => {
  const carded = results.flatMap((result) =>
    result.card === null || result.set !== set
      ? []
      : [{ card: result.card, name: rowName(result), chance: percent(result.chance) }]
  )
  if (carded.length === 0) return ""
  const names = carded.map(({ name }) => name)
  const read = sideBySide(carded, readRows)
  return [
    `<h3>${escape(set)}</h3>`,
    ...carded.map(({ card, name }) => `<p><b>${escape(name)}</b>: ${escape(card.verdict.sentence)}.</p>`),
    table(
      ["latents", ...names],
      [...sideBySide(carded, cardRows), ["a guess: right", ...carded.map(({ chance }) => chance)]]
    ),
    read.length === 0 ? "" : table(["read out of latents", ...names], read)
  ].join("")
}
