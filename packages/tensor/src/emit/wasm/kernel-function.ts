import type { ModuleBuilder } from "./assembler.ts"
import type { Options } from "./loop/expressions.ts"

/** What a caller must know of an emitted kernel. */
export interface Emitted {
  /** What `begin` and `end` count. Any division of 0..extent among calls gives the same result, bit for bit. */
  readonly extent: number
  /** Bytes of scratch memory that one thread needs. */
  readonly scratchBytes: number
}

/** Adds the exported function `name(address of each of `parameters` buffers..., scratch, begin, end)`. */
export type EmitKernel<K> = (
  module: ModuleBuilder,
  name: string,
  kernel: K,
  parameters: number,
  options: Options
) => Emitted
