/** The order in which kernels run. */
import type { Draft } from "./draft.ts"

/**
 * Drafts in an order in which every buffer is written before it is read, and otherwise as they would like to run.
 * `overwritten` maps an output to the input whose memory it takes: other readers of that input go first.
 */
export const sorted = (
  drafts: ReadonlyArray<Draft>,
  overwritten: ReadonlyMap<number, number>
): ReadonlyArray<Draft> => {
  const writer = new Map<number, Draft>()
  const readers = new Map<number, Array<Draft>>()
  for (const each of drafts) {
    for (const buffer of each.writes) writer.set(buffer, each)
    for (const buffer of each.reads) {
      const known = readers.get(buffer)
      if (known === undefined) readers.set(buffer, [each])
      else known.push(each)
    }
  }
  const before = ({ after, reads }: Draft) => [...reads, ...after].flatMap((buffer) => writer.get(buffer) ?? [])
  const begun = new Set<Draft>()
  const placed = new Set<Draft>()
  /** Readers of what a draft overwrites, as far as they do not wait for something that is itself waiting to be placed. */
  function* readersFirst({ writes }: Draft): Generator<Draft> {
    for (const output of writes) {
      const input = overwritten.get(output)
      for (const reader of input === undefined ? [] : (readers.get(input) ?? [])) if (!needsBegun(reader)) yield reader
    }
  }
  const needsBegun = (reader: Draft): boolean => {
    const seen = new Set<Draft>([reader])
    const pending = [reader]
    while (pending.length > 0) {
      for (const earlier of before(pending.pop()!)) {
        if (seen.has(earlier) || placed.has(earlier)) continue
        if (begun.has(earlier)) return true
        seen.add(earlier)
        pending.push(earlier)
      }
    }
    return false
  }
  /** Depth first along a path of its own: a chain of kernels may be longer than a stack of calls. */
  function* earlier(each: Draft): Generator<Draft> {
    yield* before(each)
    yield* readersFirst(each)
  }
  const path: Array<{ readonly each: Draft; readonly pending: Iterator<Draft> }> = []
  const begin = (each: Draft): void => {
    if (begun.has(each)) return
    begun.add(each)
    path.push({ each, pending: earlier(each) })
  }
  for (const root of [...drafts].sort((a, b) => a.order - b.order)) {
    begin(root)
    while (path.length > 0) {
      const { each, pending } = path.at(-1)!
      const next = pending.next()
      if (next.done !== true) begin(next.value)
      else {
        placed.add(each)
        path.pop()
      }
    }
  }
  return [...placed]
}
