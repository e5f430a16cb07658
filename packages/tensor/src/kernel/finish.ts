/** The last word on a kernel: loops merged where they walk as one, buffers turned into parameters. */
import { onBuffers } from "./kinds.ts"
import { exact, prune } from "./draft.ts"
import type { Kernel } from "./ir.ts"
import { mergeAxes } from "./merge-axes.ts"

export interface Finished {
  readonly kernel: Kernel
  /** The buffer of each parameter. */
  readonly params: ReadonlyArray<number>
  readonly reads: ReadonlyArray<number>
  readonly writes: ReadonlyArray<number>
}

export const finish = (kernel: Kernel): Finished => {
  const params: Array<number> = []
  const param = (buffer: number): number => {
    const known = params.indexOf(buffer)
    return known >= 0 ? known : params.push(buffer) - 1
  }
  let reads = 0
  const writes = new Set<number>()
  const read = (buffer: number): number => {
    const id = param(buffer)
    reads = params.length
    return id
  }
  const write = (buffer: number): number => {
    const id = param(buffer)
    writes.add(id)
    return id
  }
  const finished = onBuffers(tidied(kernel), read, write)
  return { kernel: finished, params, reads: Array.from({ length: reads }, (_, i) => i), writes: [...writes] }
}

/** Without what nothing needs, and with as few axes as there can be. */
const tidied = (kernel: Kernel): Kernel => {
  if (!("exprs" in kernel)) return kernel
  const needed = { ...kernel, ...prune(kernel.exprs, kernel.stores) }
  return needed.kind === "loop" ? mergeAxes(needed) : needed
}

/** Equal text, equal kernel. */
export const signatureOf = (kernel: Kernel): string => JSON.stringify(kernel, exact)
