/** Progress for people: one line that renews itself on a terminal, plain lines now and then in a pipe. */
import * as Effect from "effect/Effect"
import type { Listener } from "../train/stages.ts"

const shown = ["total", "text", "steps", "reward", "accuracy", "solved", "answers.entropy"]

/** Figures worth a place on the line: those above, and whatever is watched. */
const isShown = (figure: string): boolean => shown.includes(figure) || figure.startsWith("watch/")

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`

/** Writes the progress of stages to standard error. `device` is named once, at the beginning. */
export const progress = (device: string): Listener => {
  const terminal = process.stderr.isTTY
  let stage = ""
  let begun = 0
  let first = 0
  let written = 0
  process.stderr.write(`device: ${device}\n`)
  return (name, report) =>
    Effect.sync(() => {
      const now = performance.now()
      if (name !== stage) {
        stage = name
        // The first update traces and compiles; the rate is that of the updates after it.
        begun = now
        first = report.update
        written = 0
      }
      const rate = report.update > first ? (report.update - first) / ((now - begun) / 1000) : 0
      const last = report.update === report.of
      if (!last && now - written < (terminal ? 100 : 5000)) return
      written = now
      const figures = Object.entries(report.figures)
        .filter(([figure]) => isShown(figure))
        .map(([figure, value]) => `${figure.replace("watch/", "")} ${value.toFixed(3)}`)
      const left = rate > 0 ? `, ${duration((report.of - report.update) / rate)} left` : ""
      const line = `${name} ${report.update}/${report.of} (${report.phase})  ${figures.join("  ")}  ${rate.toFixed(1)}/s${left}`
      process.stderr.write(terminal ? `\r\x1b[2K${line}${last ? "\n" : ""}` : `${line}\n`)
    })
}
