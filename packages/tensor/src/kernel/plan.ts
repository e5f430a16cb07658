/**
 * The memory plan: where every temporary lies, decided before anything runs.
 *
 * Temporaries share one arena; two may overlap if they are never alive at once. A result takes over the memory of an
 * argument that dies in the same step where the kernel reads it exactly where it writes (see the rule in `ir.ts`).
 */
import type { Plan, Schedule } from "./ir.ts"
import { mayOverwrite } from "./kinds.ts"
import { place } from "./place.ts"

/** Arena blocks start on cache lines. */
const alignment = 64

/**
 * @param donate pairs [graph input, graph output] that may share memory
 */
export const plan = (schedule: Schedule, donate: ReadonlyArray<readonly [number, number]> = []): Plan => {
  const { buffers, steps } = schedule
  const first = new Array<number>(buffers.length).fill(-1)
  const last = new Array<number>(buffers.length).fill(-1)
  steps.forEach((step, time) => {
    for (const buffer of step.writes) {
      first[buffer] = time
      last[buffer] = Math.max(last[buffer]!, time)
    }
    for (const buffer of step.reads) last[buffer] = time
  })

  // A chain of buffers that take over each other's memory is placed as one block.
  const block = buffers.map((buffer) => buffer.id)
  const taken = new Set<number>()
  steps.forEach((step, time) => {
    for (const to of step.writes) {
      if (buffers[to]!.role !== "temp") continue
      const from = step.reads.find(
        (read) =>
          buffers[read]!.role === "temp" &&
          last[read] === time &&
          !taken.has(read) &&
          buffers[read]!.length === buffers[to]!.length &&
          mayOverwrite(step.kernel, step.args.indexOf(read), step.args.indexOf(to))
      )
      if (from === undefined) continue
      taken.add(from)
      block[to] = block[from]!
    }
  })
  const blocks = new Map<number, { bytes: number; start: number; end: number; offset: number }>()
  for (const buffer of buffers) {
    if (buffer.role !== "temp" || first[buffer.id] === -1) continue
    const known = blocks.get(block[buffer.id]!)
    if (known === undefined) {
      blocks.set(buffer.id, {
        bytes: Math.ceil((buffer.length * 4) / alignment) * alignment,
        start: first[buffer.id]!,
        end: last[buffer.id]!,
        offset: 0
      })
    } else known.end = Math.max(known.end, last[buffer.id]!)
  }
  const arenaBytes = place([...blocks.values()])
  const offsets = buffers.map((buffer) => blocks.get(block[buffer.id]!)?.offset ?? -1)
  const outside = buffers.reduce((sum, { role, length }) => (role === "temp" ? sum : sum + length * 4), 0)
  const donated = donations(schedule, donate, first, last)
  const saved = donated.reduce(
    (sum, from, to) => (from < 0 ? sum : sum + buffers[schedule.outputs[to]!]!.length * 4),
    0
  )
  return { offsets, arenaBytes, donated, peakBytes: arenaBytes + outside - saved }
}

/** Per graph output: the input it may overwrite, or -1. */
const donations = (
  { buffers, inputs, outputs, steps }: Schedule,
  donate: ReadonlyArray<readonly [number, number]>,
  first: ReadonlyArray<number>,
  last: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const donated = outputs.map(() => -1)
  const given = new Set<number>()
  const results = new Set(outputs)
  for (const [input, output] of donate) {
    const from = inputs[input]!
    const to = outputs[output]!
    if (from === -1) {
      // Never read: anything may be written there.
      if (buffers[to]!.role === "output" && !given.has(to)) donated[output] = input
      given.add(to)
      continue
    }
    if (given.has(from) || given.has(to) || results.has(from)) continue
    if (buffers[to]!.role !== "output" || buffers[from]!.length !== buffers[to]!.length) continue
    const time = first[to]!
    const step = steps[time]
    if (step === undefined) continue
    const free =
      last[from]! < time ||
      (last[from] === time && mayOverwrite(step.kernel, step.args.indexOf(from), step.args.indexOf(to)))
    if (!free) continue
    donated[output] = input
    given.add(from).add(to)
  }
  return donated
}
