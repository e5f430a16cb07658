/** The device matrix as a table for people. */
import type { Case } from "./case.ts"
import type { MatrixDevice } from "./devices.ts"

export const markers = ["<!-- operations:start -->", "<!-- operations:end -->"] as const

const within = ({ tolerance: { ulps, absolute }, allowance }: Case): string => {
  if (allowance !== undefined) return `${ulps} ulp, or 50 times what rounding to f32 costs`
  if (ulps === 0) return "exact"
  return absolute === 0 ? `${ulps} ulp` : `${ulps} ulp, or ${absolute}`
}

const row = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`

/** Markdown as the formatter leaves it. */
const markdown = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, i) => Math.max(3, ...rows.map((cells) => cells[i]!.length)))
  const [head, ...body] = rows.map((cells) => row(cells, widths))
  return [
    head,
    row(
      widths.map((width) => "-".repeat(width)),
      widths
    ),
    ...body
  ].join("\n")
}

/** One line per operation: how close every device must come to float64, and which devices are held to it. */
export const table = (cases: ReadonlyArray<Case>, all: ReadonlyArray<MatrixDevice>): string => {
  const devices = all.filter((device) => device.internal !== true)
  const reasons: Array<string> = []
  const covered = (device: MatrixDevice, name: string): string => {
    const reason = device.except[name]
    if (reason === undefined) return "yes"
    if (!reasons.includes(reason)) reasons.push(reason)
    return `no (${reasons.indexOf(reason) + 1})`
  }
  const lines = cases.map((each) => [
    each.group,
    each.name,
    within(each),
    ...devices.map((device) => covered(device, each.name))
  ])
  const head = ["kind", "operation", "within", ...devices.map((device) => device.name)]
  return [markdown([head, ...lines]), ...reasons.map((reason, i) => `(${i + 1}) ${reason}`)].join("\n\n")
}
