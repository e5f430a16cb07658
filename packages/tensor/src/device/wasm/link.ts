/** From a schedule and its memory plan to the calls and pieces of work that threads carry out. */
import type { Plan, Schedule } from "../../kernel/ir.ts"
import type { Tier } from "../../emit/wasm/tier.ts"
import { alignUp } from "./allocator.ts"
import { nanoseconds, type Worth } from "./cost.ts"
import type { Machine } from "./machine.ts"
import { Hazards } from "./hazards.ts"
import type { Call, Piece, Place, Program } from "./walk.ts"

/** A kernel of the compiled module. */
export interface CompiledKernel {
  /** Its exported name. */
  readonly name: string
  /** What its range of shards counts to. */
  readonly extent: number
  /** Bytes of scratch memory that each thread needs. */
  readonly scratchBytes: number
}

export interface Linked {
  readonly program: Program
  /** Index in the table of addresses per buffer id; -1 for buffers that are not in it. */
  readonly slots: ReadonlyArray<number>
}

/** The arena of a program: its temporaries, then the scratch memory of each thread. */
export interface ArenaLayout {
  readonly scratchOffset: number
  readonly scratchBytes: number
  readonly bytes: number
}

export const layoutArena = (plan: Plan, kernels: Iterable<CompiledKernel>, threads: number): ArenaLayout => {
  const scratchOffset = alignUp(plan.arenaBytes)
  let most = 0
  for (const kernel of kernels) most = Math.max(most, kernel.scratchBytes)
  const scratchBytes = alignUp(most)
  return { scratchOffset, scratchBytes, bytes: scratchOffset + threads * scratchBytes }
}

/** Nanoseconds that one thread would need for all steps, roughly. */
export const scheduleCost = (schedule: Schedule, tier: Tier): number =>
  schedule.steps.reduce((sum, step) => sum + nanoseconds(step.kernel, tier), 0)

/**
 * @param kernels by signature
 * @param constants byte address per buffer id of role `constant`
 */
export const link = (
  schedule: Schedule,
  plan: Plan,
  kernels: ReadonlyMap<string, CompiledKernel>,
  constants: ReadonlyMap<number, number>,
  { scratchOffset, scratchBytes }: ArenaLayout,
  { tier, worth }: Pick<Machine, "tier" | "worth">,
  threads: number
): Linked => {
  const slots = new Array<number>(schedule.buffers.length).fill(-1)
  let slotCount = 0
  for (const { id, role } of schedule.buffers) if (role === "input" || role === "output") slots[id] = slotCount++
  const place = (buffer: number): Place => {
    const { role } = schedule.buffers[buffer]!
    if (role === "temp") return { in: "arena", offset: plan.offsets[buffer]! }
    if (role === "constant") return { in: "heap", address: constants.get(buffer)! }
    return { in: "table", index: slots[buffer]! }
  }
  const calls = schedule.steps.map((step): Call => {
    const { name, extent } = kernels.get(step.signature)!
    return { kernel: name, name: step.name, args: step.args.map(place), extent }
  })
  const pieces = cut(schedule, plan, calls, tier, worth, threads)
  return { program: { calls, pieces, scratchOffset, scratchBytes }, slots }
}

/** Long kernels are divided among the threads; short ones in a row stay together. */
const cut = (
  schedule: Schedule,
  plan: Plan,
  calls: ReadonlyArray<Call>,
  tier: Tier,
  worth: Worth,
  threads: number
): ReadonlyArray<Piece> => {
  const hazards = new Hazards(schedule, plan)
  const pieces: Array<Piece> = []
  let after = 0
  let open = false
  schedule.steps.forEach((step, index) => {
    const { extent } = calls[index]!
    const cost = nanoseconds(step.kernel, tier)
    const whole = threads === 1 || extent < 2 || cost < worth.dividing
    const joins = whole && open
    if (hazards.mustWait(step, joins)) after = pieces.length
    if (joins && after < pieces.length) {
      pieces.push({ ...pieces.pop()!, last: index + 1 })
    } else {
      const parts = whole ? 1 : Math.min(extent, cost < worth.dividingFinely ? threads : 2 * threads)
      for (let part = 0; part < parts; part++) {
        const [begin, end] = [part, part + 1].map((boundary) => Math.floor((extent * boundary) / parts)) as [
          number,
          number
        ]
        pieces.push({ first: index, last: index + 1, begin, end, after })
      }
    }
    open = whole
  })
  return pieces
}
