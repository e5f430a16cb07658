/** Pieces of the page. */
import { escape } from "./svg.ts"

/** A share in percent. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}`
/** A row of a table, of cells that are safe. */
export const cells = (row: ReadonlyArray<string>, tag: "td" | "th", kinds?: string): string =>
  `<tr${kinds === undefined ? "" : ` data-kinds="${kinds}"`}>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`
/** A table with a head that is made safe here, and rows that are safe; what is in a row's first cell names it. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const body = rows.map(
    ([name = "", ...row]) => `<tr><th scope="row">${name}</th>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
  )
  return scrolled(`<table><thead>${cells(head.map(escape), "th")}</thead><tbody>${body.join("")}</tbody></table>`)
}

/** What may be wider than the page, within reach of a keyboard. */
export const scrolled = (body: string): string =>
  `<div class="wide" tabindex="0" role="group" aria-label="table">${body}</div>`

/** Each once, in their order. */
export const unique = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]
