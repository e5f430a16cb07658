/** Aligned text of rows. */
import type { Row } from "./module.ts"

const show = (value: string | number | undefined): string => {
  if (value === undefined) return "-"
  if (typeof value === "string") return value
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(2)
}

/** What is shown of rows: every column any of them names, in the order of first mention. */
export const cells = (rows: ReadonlyArray<Row>) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return {
    columns,
    numeric: columns.map((column) => rows.some((row) => typeof row[column] === "number")),
    lines: rows.map((row) => columns.map((column) => show(row[column])))
  }
}

/** Numbers to the right, words to the left. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const { columns, numeric, lines } = cells(rows)
  const widths = columns.map((column, at) => Math.max(column.length, ...lines.map((line) => line[at]!.length)))
  const text = [columns, ...lines].map((line) =>
    line
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd()
  )
  return [text[0], widths.map((width) => "-".repeat(width)).join("  "), ...text.slice(1)].join("\n")
}
