/** Plots as pictures. */
import { Report } from "@noema/atp"
import type { Plot } from "./plot.ts"
import { standalone } from "./standalone.ts"

/** A plot as SVG. */
export const pictureOf = ({ lines, most, title, x, y }: Plot): string =>
  standalone(
    Report.lineChart(lines, { x, y, to: most }),
    title,
    lines.map(({ name }) => name)
  )
