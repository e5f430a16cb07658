/** Progress for people: one line that renews itself on a terminal, plain lines now and then in a pipe. */
import * as Effect from "effect/Effect"
import type { Planned } from "../pipeline/workload.ts"
import type { Listener } from "../train/stages.ts"
import { type Remaining, remainingOf } from "./remaining.ts"

const shown = ["total", "reward", "accuracy", "text", "steps", "solved", "answers.entropy"]

/** Figures worth a place on the line, the most important first: those above, then whatever is watched. */
const figuresOf = (figures: Readonly<Record<string, number>>): ReadonlyArray<string> => {
  const known = shown.filter((name) => figures[name] !== undefined)
  const watched = Object.keys(figures).filter((name) => name.startsWith("watch/"))
  return [...known, ...watched].map((name) => `${name.replace("watch/", "")} ${figures[name]!.toFixed(3)}`)
}

/** `48 s`, `5 min`, `1 h 12 min`. */
export const duration = (seconds: number): string => {
  const minutes = Math.round(seconds / 60)
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** What is said between a beginning and an end that always are, as far as there is room for it. */
export const fitted = (head: string, middle: ReadonlyArray<string>, tail: string, columns: number): string => {
  let line = head
  for (const part of middle) {
    if (line.length + 2 + part.length + 2 + tail.length > columns) break
    line += `  ${part}`
  }
  const whole = tail === "" ? line : `${line}  ${tail}`
  return whole.length > columns ? `${whole.slice(0, columns - 1)}…` : whole
}

/** What a terminal shows where it does not say how wide it is. */
const usual = 80

/** Writes the progress of stages to standard error. `device` is named once, at the beginning. */
export const progress = (device: string) => {
  const terminal = process.stderr.isTTY
  let stage = ""
  let begun = 0
  let first = 0
  let written = 0
  let remaining: Remaining = () => null
  process.stderr.write(`device: ${device}\n`)
  const planned = (stages: ReadonlyArray<Planned>): Effect.Effect<void> =>
    Effect.sync(() => {
      remaining = remainingOf(stages)
    })
  const listen: Listener = (name, report) =>
    Effect.sync(() => {
      const now = performance.now()
      if (name !== stage) {
        stage = name
        // The first update traces and compiles; the rate is that of the updates after it.
        begun = now
        first = report.update
        written = 0
      }
      const left = remaining(name, report.update, now)
      const rate = report.update > first ? (report.update - first) / ((now - begun) / 1000) : 0
      const last = report.update === report.of
      if (!last && now - written < (terminal ? 100 : 5000)) return
      written = now
      const pace = rate === 0 ? [] : [`${rate < 10 ? rate.toFixed(1) : rate.toFixed(0)}/s`]
      const tail = [...pace, ...(left === null || left < 1 ? [] : [`about ${duration(left)} left`])].join(", ")
      const columns = terminal ? (process.stderr.columns ?? usual) - 1 : usual
      const line = fitted(`${name} ${report.update}/${report.of}`, figuresOf(report.figures), tail, columns)
      process.stderr.write(terminal ? `\r\x1b[2K${line}${last ? "\n" : ""}` : `${line}\n`)
    })
  const judging = (of: string): Effect.Effect<void> => Effect.sync(() => process.stderr.write(`evaluating ${of}\n`))
  return { judging, listen, planned }
}
