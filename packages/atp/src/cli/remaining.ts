/** How long a command still takes: work that is left, at the pace of what it has done. */
import type { Planned } from "../pipeline/workload.ts"

/** Seconds that are left after a report of a stage, or null while nothing is known. */
export type Remaining = (stage: string, update: number, now: number) => number | null

/**
 * Seconds that the stages of a command still take. What a run had done before it was begun again took no time of this
 * command, and a stage that is not planned is not known; `now` is in milliseconds.
 *
 *     const remaining = remainingOf([{ name: "cot", reports: 100, work: 100 }])
 *     remaining("cot", 1, 0) // => null
 *     remaining("cot", 51, 10_000) // => 9.8
 */
export const remainingOf = (stages: ReadonlyArray<Planned>): Remaining => {
  const places = new Map(stages.map(({ name }, at) => [name, at]))
  const before = stages.map((_, at) => stages.slice(0, at).reduce((sum, { work }) => sum + work, 0))
  const all = stages.reduce((sum, { work }) => sum + work, 0)
  let first: { readonly done: number; readonly at: number } | null = null
  return (stage, update, now) => {
    const at = places.get(stage)
    if (at === undefined) return null
    const { reports, work } = stages[at]!
    const done = before[at]! + (reports === 0 ? work : (work * update) / reports)
    // The first update traces and compiles; the pace is that of what follows it.
    first ??= { done, at: now }
    const made = done - first.done
    return made > 0 ? (((now - first.at) / 1000) * (all - done)) / made : null
  }
}
