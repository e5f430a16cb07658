/** Whether a program fits, decided before anything runs. */
import type { Plan, Schedule } from "../../kernel/ir.ts"
import { OutOfMemory } from "../device.ts"
import { alignUp } from "./allocator.ts"
import { deviceName, type Machine } from "./machine.ts"

export interface MemoryNeeds {
  readonly arena: number
  readonly constants: number
  readonly inputs: number
  /** Outputs that no donated argument makes room for. */
  readonly outputs: number
}

const bytesOf = ({ length }: { readonly length: number }): number => alignUp(4 * length)

export const memoryNeeds = ({ buffers, outputs }: Schedule, { donated }: Plan, arena: number): MemoryNeeds => {
  const total = (role: string): number =>
    buffers.reduce((sum, buffer) => (buffer.role === role ? sum + bytesOf(buffer) : sum), 0)
  const saved = donated.reduce((sum, input, j) => (input < 0 ? sum : sum + bytesOf(buffers[outputs[j]!]!)), 0)
  return { arena, constants: total("constant"), inputs: total("input"), outputs: total("output") - saved }
}

/** The error that names the largest tensor of a program. */
export const shortage = ({ buffers }: Schedule, neededBytes: number, availableBytes: number): OutOfMemory => {
  const largest = buffers.reduce((a, b) => (b.length > a.length ? b : a))
  return new OutOfMemory({
    device: deviceName,
    tensor: largest.label,
    tensorBytes: 4 * largest.length,
    neededBytes,
    availableBytes
  })
}

/** An error where the program can never run on this machine as it is. */
export const tooLarge = (machine: Machine, schedule: Schedule, needs: MemoryNeeds): OutOfMemory | null => {
  const { heap, arenaBytes } = machine
  const everything = needs.arena + needs.constants + needs.inputs + needs.outputs
  if (everything > heap.limit) return shortage(schedule, everything, heap.limit)
  const more = Math.max(0, needs.arena - arenaBytes) + needs.constants + needs.outputs
  const available = heap.limit - heap.used
  return more > available ? shortage(schedule, more, available) : null
}
