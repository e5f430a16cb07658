/** The text of a gpu.js kernel for a piece: what `gpu.createKernel` is given. */
import { body, rowCounters } from "./body.ts"
import { calledFrom } from "./functions.ts"
import { argument, javascript } from "./javascript.ts"
import { isDense, normalised } from "./normal.ts"
import type { Piece } from "./rewrite.ts"
import { pruned } from "./rewrite.ts"
import { block, print } from "./text.ts"
import { threads, type Axis } from "./threads.ts"

/** Numbers that no literal of every target language can say; passed as scalar arguments after the arrays. */
export type Special = "inf" | "nan"

export interface KernelText {
  /** `function (a, b) { ... }`, with one array argument for each of `reads`, then one number for each of `specials`. */
  readonly source: string
  /** Sources of the functions it calls. */
  readonly functions: ReadonlyArray<string>
  /** gpu.js `output`: at most three extents, the fastest first. */
  readonly output: ReadonlyArray<number>
  readonly specials: ReadonlyArray<Special>
  /** Buffers of the array arguments, and of the result. */
  readonly reads: ReadonlyArray<number>
  readonly writes: number
}

export const kernelText = (piece: Piece): KernelText => {
  const kernel = normalised(piece.kernel)
  const { args } = pruned({ kernel, args: piece.args })
  const { exprs, row, stores } = pruned({ kernel, args: piece.args }).kernel
  const store = stores[0]!
  if (!isDense(kernel))
    throw new Error(`a store that leaves gaps: ${JSON.stringify(store.at)} over [${kernel.axes.join(",")}]`)
  const { axes, output, prelude } = threads(kernel.axes)
  const counters = rowCounters(row.length).map((text, i): Axis => ({ extent: row[i]!, text, integer: true }))
  const { statements, value } = body(exprs, store.value, row, kernel.axes.length, javascript([...axes, ...counters]))
  const lines = [...prelude, ...statements, `return ${value};`]
  const reads = args.filter((_, param) => param !== store.buffer)
  const inside = print(lines)
  const specials = (["inf", "nan"] as const).filter((name) => new RegExp(`\\b${name}\\b`).test(inside))
  const names = [...reads.map((_, i) => argument(i)), ...specials]
  return {
    source: print([block(`function (${names.join(", ")}) {`, lines)]),
    functions: calledFrom(inside),
    output,
    specials,
    reads,
    writes: args[store.buffer]!
  }
}
