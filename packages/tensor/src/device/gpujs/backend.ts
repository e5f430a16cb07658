/** What a mode must do for the device layer: arrays that stay, programs that run on them. */
import type { DType } from "../../graph/node.ts"
import type { GpuProgram } from "./program.ts"

export type Host = Float32Array | Int32Array

/** A program made ready. Only one run at a time. */
export interface Prepared<Memory> {
  /** Bytes it holds beside its arguments, for as long as it lives. */
  readonly bytes: number
  /** Distinct kernels it compiled or shares. */
  readonly kernels: number
  /** Outputs whose `into` is null come back as host arrays. */
  readonly run: (
    args: ReadonlyArray<Host | Memory>,
    into: ReadonlyArray<Memory | null>
  ) => Promise<ReadonlyArray<Host | null>>
  readonly free: () => void
}

export interface Backend<Memory> {
  readonly description: string
  readonly limitBytes: number
  /** The largest single array. */
  readonly largestBytes: number
  readonly allocate: (dtype: DType, length: number, label: string) => Promise<Memory>
  readonly free: (memory: Memory) => void
  readonly write: (memory: Memory, data: Host) => void
  readonly read: (memory: Memory) => Promise<Host>
  /** Bytes a program will hold, before anything is made. */
  readonly planned: (program: GpuProgram) => number
  readonly prepare: (program: GpuProgram) => Promise<Prepared<Memory>>
  readonly close: () => Promise<void>
}
