/** Pieces of the page. */
import { escape } from "./svg.ts"

/** A share in percent. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}`
/** A row of a table, of cells that are safe. */
export const cells = (row: ReadonlyArray<string>, tag: "td" | "th"): string =>
  `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`
/** A table with a head that is made safe here, and rows that are safe. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  `<div class="wide"><table>${cells(head.map(escape), "th")}${rows.map((row) => cells(row, "td")).join("")}</table></div>`

/** Each once, in their order. */
export const unique = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]
