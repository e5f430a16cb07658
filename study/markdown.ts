/** Pieces of pages. */

/** A share in percent. */
export const percent = (share: number): string => (100 * share).toFixed(1)

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** A table. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n")
