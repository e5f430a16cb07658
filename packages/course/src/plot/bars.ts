/** Plots in a terminal: a bar for every point, line by line, as a screen reader can read them too. */
import type { Plot } from "./plot.ts"

/** How many signs a bar of the largest value has. */
const widest = 40

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar of so many signs, to an eighth of one; a value that is no number has none. */
const bar = (signs: number): string => {
  const parts = Math.round(8 * Math.min(widest, Math.max(0, signs)) || 0)
  return "█".repeat(Math.floor(parts / 8)) + eighths[parts % 8]!
}

/**
 * A plot as lines of text, of 80 signs at most where names are short: what stands to the left and to the right of each bar are
 * its two numbers.
 *
 *     bars({ title: "Chances.", x: "place", y: "chance", most: 1, lines: [{ name: "1 step", points: [[0, 0], [1, 1]] }] })
 */
export const bars = ({ lines, most, title, x, y }: Plot): string => {
  const all = lines.flatMap(({ points }) => points)
  const top = Math.max(most, ...all.map(([, value]) => value))
  const names = Math.max(0, ...lines.map(({ name }) => name.length))
  const places = Math.max(x.length, ...all.map(([place]) => `${place}`.length))
  const head = `${" ".repeat(names)}  ${x.padStart(places)}  ${y}`
  const rows = lines.flatMap(({ name, points }) =>
    points.map(
      ([place, value], i) =>
        `${(i === 0 ? name : "").padEnd(names)}  ${`${place}`.padStart(places)}  ${bar((widest * value) / top).padEnd(widest)}  ${value.toFixed(2)}`
    )
  )
  return [title, "", head, ...rows].join("\n")
}
