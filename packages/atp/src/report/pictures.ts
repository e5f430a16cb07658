/** Pictures of the first screen: figures with their intervals, each in words as well for who does not see it. */
import { escape, thinned, ticks } from "./svg.ts"

/** A figure with its bounds. */
export interface Bounded {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
}

const width = 380
const height = 236

const text = (x: number, y: number, content: string, anchor: "end" | "middle" | "start" = "start"): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(content)}</text>`
const line = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${kind}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`

/** Marks that differ in their form, since colour alone tells not everybody apart. */
const marks = [
  "M-4-4h8v8h-8z",
  "M0-5L5 4H-5z",
  "M0-5.5L5.5 0 0 5.5-5.5 0z",
  "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0",
  "M-5-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z",
  "M0 5L5-4H-5z",
  "M0-6L1.8-1.8 6 0 1.8 1.8 0 6-1.8 1.8-6 0-1.8-1.8z",
  "M-5-2h10v4h-10z"
] as const
const mark = (i: number, x: number, y: number): string =>
  `<path class="mark" transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" d="${marks[i % marks.length]!}"/>`

/** A picture and what it says in words. */
const picture = (title: string, words: string, content: string, high = height): string =>
  `<svg viewBox="0 0 ${width} ${high}" role="img"><title>${escape(title)}</title><desc>${escape(words)}</desc>${content}</svg>`

/** A name that has so much room. */
const short = (name: string, most: number): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name)

const signed = (points: number): string => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`
const number = (value: number): string => String(Number(value.toPrecision(6))).replace("-", "−")

/** Names as far apart as they have to be, in the order of where they would be. */
const spread = (wanted: ReadonlyArray<number>, apart: number, low: number, high: number): ReadonlyArray<number> => {
  const order = wanted.map((_, i) => i).toSorted((a, b) => wanted[a]! - wanted[b]!)
  const placed = wanted.map(() => 0)
  let last = low - apart
  for (const i of order) placed[i] = last = Math.max(wanted[i]!, last + apart)
  // What ran out below moves up, and what is in its way with it.
  let next = high + apart
  for (const i of order.toReversed()) placed[i] = next = Math.min(placed[i]!, next - apart)
  return placed
}

/** Figures in percent over what they cost, with a line at what a guess gets; names stand beside, joined by a line. */
export const scatter = (
  title: string,
  points: ReadonlyArray<Bounded & { readonly cost: number }>,
  { costs, guess }: { readonly costs: string; readonly guess: number }
): string => {
  const [left, right, top, bottom] = [30, 190, 10, height - 40]
  const most = Math.max(1, ...points.map(({ cost }) => cost)) * 1.05
  const x = (cost: number) => left + (cost / most) * (right - left)
  const y = (percent: number) => bottom - (percent / 100) * (bottom - top)
  const named = spread(
    points.map(({ value }) => y(value)),
    15,
    top + 4,
    bottom
  )
  const content = [
    ...[0, 25, 50, 75, 100].map(
      (v) => line("grid", left, y(v), right, y(v)) + text(left - 4, y(v) + 3.5, `${v}`, "end")
    ),
    ...ticks(0, most, 4).map((v) => text(x(v), bottom + 14, number(v), "middle")),
    line("guess", left, y(guess), right, y(guess)),
    text(left + 3, y(guess) - 3, `a guess: ${guess.toFixed(1)}`),
    text((left + right) / 2, bottom + 30, costs, "middle"),
    ...points.map(({ cost, high, low, name, value }, i) => {
      const [px, py, at] = [x(cost), y(value), named[i]!]
      const lead = `<polyline class="lead" points="${px.toFixed(1)},${py.toFixed(1)} ${right + 6},${at.toFixed(1)} ${right + 12},${at.toFixed(1)}"/>`
      return `<g class="c${i % 8}">${lead}${line("bounds", px, y(low), px, y(high))}${mark(i, px, py)}${text(right + 15, at + 3.5, `${short(name, 26)} ${value.toFixed(1)}`)}</g>`
    })
  ].join("")
  const words = points
    .map(
      (each) =>
        `${each.name} ${each.value.toFixed(1)} percent (${each.low.toFixed(1)} to ${each.high.toFixed(1)}) at ${each.cost.toFixed(1)} ${costs}`
    )
    .join("; ")
  return picture(title, `${words}; a guess ${guess.toFixed(1)} percent`, content)
}

/** Differences in points with their intervals, and a line at none. */
export const forest = (title: string, rows: ReadonlyArray<Bounded>, axis: string): string => {
  const [left, right, top] = [214, width - 10, 8]
  const each = 18
  const bottom = top + each * rows.length + 6
  const low = Math.min(0, ...rows.map((row) => row.low))
  const high = Math.max(0, ...rows.map((row) => row.high))
  const span = Math.max(1e-9, high - low)
  const x = (value: number) => left + ((value - low) / span) * (right - left)
  const content = [
    ...ticks(low, high, 4).map(
      (v) => line("grid", x(v), top, x(v), bottom) + text(x(v), bottom + 13, number(v), "middle")
    ),
    line("zero", x(0), top, x(0), bottom),
    text((left + right) / 2, bottom + 28, axis, "middle"),
    ...rows.map(({ high, low, name, value }, i) => {
      const at = top + each * (i + 0.5) + 3
      const isNoise = low <= 0 && high >= 0
      return (
        `<g class="c${i % 8}">${line("bounds", x(low), at, x(high), at)}${mark(i, x(value), at)}</g>` +
        text(left - 8, at + 3.5, `${short(name, 23)} ${signed(value)}${isNoise ? " (noise)" : ""}`, "end")
      )
    })
  ].join("")
  const words = rows
    .map((row) => `${row.name} ${signed(row.value)} points (${row.low.toFixed(1)} to ${row.high.toFixed(1)})`)
    .join("; ")
  return picture(title, words, content, bottom + 34)
}

/** Shares in percent, each with what a guess gets where that is known. */
export const bars = (
  title: string,
  rows: ReadonlyArray<{
    readonly name: string
    readonly value: number
    readonly guess?: number
    readonly of: "bad" | "good" | "plain"
  }>
): string => {
  const [left, right, top] = [172, width - 34, 6]
  const each = 22
  const bottom = top + each * rows.length + 4
  const x = (percent: number) => left + (percent / 100) * (right - left)
  const content = [
    ...[0, 50, 100].map((v) => line("grid", x(v), top, x(v), bottom) + text(x(v), bottom + 13, `${v}`, "middle")),
    ...rows.map(({ guess, name, of, value }, i) => {
      const at = top + each * i + 4
      return (
        text(left - 7, at + 11, short(name, 28), "end") +
        `<rect class="bar ${of}" x="${left}" y="${at}" width="${Math.max(0.5, x(value) - left).toFixed(1)}" height="15"/>` +
        (guess === undefined ? "" : line("guess", x(guess), at - 3, x(guess), at + 18)) +
        text(x(Math.max(value, guess ?? 0)) + 4, at + 11, value.toFixed(0))
      )
    })
  ].join("")
  const words = rows
    .map(
      ({ guess, name, value }) =>
        `${name} ${value.toFixed(0)} percent${guess === undefined ? "" : ` (a guess ${guess.toFixed(0)})`}`
    )
    .join("; ")
  return picture(title, words, content, bottom + 18)
}

/** Values of a few things by round, on one scale: as they are, faint, and their running means. */
export const rounds = (
  title: string,
  lines: ReadonlyArray<{ readonly name: string; readonly points: ReadonlyArray<readonly [number, number]> }>
): string => {
  const [left, right, top, bottom] = [30, width - 104, 10, height - 40]
  const all = lines.flatMap(({ points }) => points)
  const last = all.reduce((most, [round]) => Math.max(most, round), 1)
  const low = all.reduce((least, [, value]) => Math.min(least, value), 0)
  const high = all.reduce((most, [, value]) => Math.max(most, value), 1)
  const x = (round: number) => left + (round / last) * (right - left)
  const y = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - top)
  const path = (points: ReadonlyArray<readonly [number, number]>) =>
    points.map(([round, value]) => `${x(round).toFixed(0)},${y(value).toFixed(0)}`).join(" ")
  const smooth = lines.map(({ name, points }) => ({
    name,
    points,
    mean: points.map(([round], i): readonly [number, number] => {
      const some = points.slice(Math.max(0, i - 7), i + 8)
      return [round, some.reduce((sum, [, value]) => sum + value, 0) / some.length]
    })
  }))
  const named = spread(
    smooth.map(({ mean }) => y(mean.at(-1)?.[1] ?? 0)),
    14,
    top + 4,
    bottom
  )
  const content = [
    ...ticks(low, high, 4).map(
      (v) => line("grid", left, y(v), right, y(v)) + text(left - 4, y(v) + 3.5, number(v), "end")
    ),
    ...ticks(0, last, 4).map((v) => text(x(v), bottom + 14, number(v), "middle")),
    text((left + right) / 2, bottom + 30, "round", "middle"),
    ...smooth.map(
      ({ mean, name, points }, i) =>
        `<g class="c${i % 8}"><polyline class="faint" points="${path(thinned(points))}"/><polyline class="line" points="${path(thinned(mean))}"/>${text(right + 5, named[i]! + 3.5, short(name, 18))}</g>`
    )
  ].join("")
  const words = smooth
    .map(({ mean, name }) => `${name} from ${(mean[0]?.[1] ?? 0).toFixed(2)} to ${(mean.at(-1)?.[1] ?? 0).toFixed(2)}`)
    .join("; ")
  return picture(title, words, content)
}
