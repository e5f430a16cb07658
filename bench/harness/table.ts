/** Aligned text of rows. */
import type { Row } from "./module.ts"

const show = (value: string | number | undefined): string => {
  if (value === undefined) return "-"
  if (typeof value === "string") return value
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(2)
}

/** Numbers to the right, words to the left. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const numeric = columns.map((column) => rows.some((row) => typeof row[column] === "number"))
  const lines = [columns, ...rows.map((row) => columns.map((column) => show(row[column])))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  const text = lines.map((line) =>
    line
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd()
  )
  return [text[0], widths.map((width) => "-".repeat(width)).join("  "), ...text.slice(1)].join("\n")
}
