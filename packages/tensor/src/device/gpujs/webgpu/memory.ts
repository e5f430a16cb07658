/** Arrays on the device, and the static plan of a program's: which of them share a GPU buffer. */
import type { DType } from "../../../graph/node.ts"
import { type GpuProgram, touches } from "../program.ts"

/** An array on the device. */
export interface GpuMemory {
  /** Another one after each run whose output it took over. */
  buffer: GPUBuffer
  readonly dtype: DType
  readonly length: number
}

/** Usage of a buffer that kernels read and write and that is copied to and from. */
export const storage = 0x80 | 0x4 | 0x8

/** Usage of a buffer that the host reads. */
export const mapRead = 0x1 | 0x8

/** Bytes of an array's buffer; there is none without any. */
export const bytesOf = (length: number): number => 4 * Math.max(1, length)

export interface Pool {
  /** Bytes of every pooled GPU buffer. */
  readonly sizes: ReadonlyArray<number>
  /** The pooled buffer of each slot; -1 for inputs, constants and slots that nothing writes. */
  readonly place: ReadonlyArray<number>
  readonly bytes: number
}

/**
 * A slot takes the smallest free buffer that is large enough, else a new one; its buffer is free again after the last
 * pass that reads it. A pass never writes where it reads, which WebGPU forbids. Outputs live to the end, in buffers of
 * their very size: such a buffer can change places with the array that the output is asked for in.
 */
export const pool = (program: GpuProgram): Pool => {
  const { constants, inputs, outputs, passes, slots } = program
  const outside = new Set([...inputs, ...constants.map(({ slot }) => slot)])
  const kept = new Set(outputs)
  const last = new Array<number>(slots.length).fill(-1)
  passes.forEach((pass, time) => touches(pass).reads.forEach((slot) => (last[slot] = time)))
  const sizes: Array<number> = []
  const free: Array<number> = []
  const place = new Array<number>(slots.length).fill(-1)
  const release = (slot: number): void => {
    if (!outside.has(slot) && !kept.has(slot) && place[slot]! >= 0) free.push(place[slot]!)
  }
  passes.forEach((pass, time) => {
    const { reads, writes } = touches(pass)
    const bytes = bytesOf(slots[writes]!.length)
    const fits = (buffer: number) => (kept.has(writes) ? sizes[buffer] === bytes : sizes[buffer]! >= bytes)
    const fitting = free.filter(fits).sort((p, q) => sizes[p]! - sizes[q]!)[0]
    if (fitting === undefined) place[writes] = sizes.push(bytes) - 1
    else {
      free.splice(free.indexOf(fitting), 1)
      place[writes] = fitting
    }
    for (const slot of new Set(reads)) if (last[slot] === time) release(slot)
    if (last[writes] === -1) release(writes)
  })
  return { sizes, place, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}
