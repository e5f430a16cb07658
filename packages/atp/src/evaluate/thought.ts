/** Latents of attempts on the host, and others in their place. */
import type { Attempt } from "../rewards/attempt.ts"
import { sameAnswer } from "../rewards/correctness.ts"

/** The latents of an attempt, [count, width]. */
export interface Thought {
  readonly count: number
  readonly data: Float32Array
}

/** An attempt with latents and answer at their likeliest, and the latents themselves. */
export interface Thinking {
  readonly attempt: Attempt
  readonly thought: Thought
}

const widthOf = ({ count, data }: Thought): number => (count === 0 ? 0 : data.length / count)

/** The same with other numbers: each from what it was, its coordinate, and the place of its latent. */
export const mapped = (thought: Thought, value: (x: number, coordinate: number, place: number) => number): Thought => {
  const width = widthOf(thought)
  return { ...thought, data: thought.data.map((x, at) => value(x, at % width, Math.floor(at / width))) }
}

/** The first latents. */
export const first = (thought: Thought, count: number): Thought => {
  const kept = Math.min(count, thought.count)
  return { count: kept, data: thought.data.subarray(0, kept * widthOf(thought)) }
}

/** The latents at some places. */
export const between = (thought: Thought, from: number, to: number): Thought => {
  const width = widthOf(thought)
  return { count: to - from, data: thought.data.subarray(from * width, to * width) }
}

/** One after the other. */
export const joined = (one: Thought, other: Thought): Thought => {
  const data = new Float32Array(one.data.length + other.data.length)
  data.set(one.data)
  data.set(other.data, one.data.length)
  return { count: one.count + other.count, data }
}

/** Mean and deviation of the latents at every place, by coordinate, over the attempts that have one there. */
export const momentsOf = (thoughts: ReadonlyArray<Thought>) => {
  const places = thoughts.reduce((most, { count }) => Math.max(most, count), 0)
  const width = thoughts.reduce((most, thought) => Math.max(most, widthOf(thought)), 0)
  return Array.from({ length: places }, (_, place) => {
    const there = thoughts.filter(({ count }) => count > place)
    const at = (coordinate: number) => there.map(({ data }) => data[place * width + coordinate]!)
    const mean = Array.from({ length: width }, (_, j) => at(j).reduce((sum, x) => sum + x, 0) / there.length)
    const deviation = mean.map((m, j) => Math.sqrt(at(j).reduce((sum, x) => sum + (x - m) ** 2, 0) / there.length))
    return { mean, deviation }
  })
}

/** Others that are tried for each; where none of so many will do, one is rare or there is none. */
const mostTries = 64

/**
 * For each attempt another one of as many latents that will do, or what comes of it, by turns; null where there is none.
 */
export const partnersFor = <A>(
  counts: ReadonlyArray<number>,
  partner: (own: number, other: number) => A | null
): ReadonlyArray<A | null> => {
  const byCount = Map.groupBy(counts.keys(), (i) => counts[i]!)
  return counts.map((count, i) => {
    const alike = byCount.get(count)!
    const from = alike.indexOf(i)
    for (let step = 1; count > 0 && step < Math.min(alike.length, mostTries); step++) {
      const found = partner(i, alike[(from + step) % alike.length]!)
      if (found !== null) return found
    }
    return null
  })
}

/** For each attempt another one of as many latents whose expected answer differs; null where none was found. */
export const donorsFor = (
  attempts: ReadonlyArray<{ readonly count: number; readonly answer: string }>
): ReadonlyArray<number | null> =>
  partnersFor(
    attempts.map(({ count }) => count),
    (own, other) => (sameAnswer(attempts[own]!.answer, attempts[other]!.answer) ? null : other)
  )
