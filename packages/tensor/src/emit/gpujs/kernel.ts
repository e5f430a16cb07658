/** The text of a gpu.js kernel for a piece: what `gpu.createKernel` is given. */
import { blocked, type Blocking, never } from "./blocked.ts"
import { body, longest, rowCounters } from "./body.ts"
import type { Arithmetic } from "./dialect.ts"
import { calledFrom } from "./functions/index.ts"
import { argument, javascript } from "./javascript.ts"
import { mostArrays } from "./narrow.ts"
import { isDense, normalised } from "./normal.ts"
import type { Piece } from "./rewrite.ts"
import { pruned } from "./rewrite.ts"
import { block, print } from "./text.ts"
import { threads, type Axis } from "./threads.ts"

/** Numbers that no literal of every target language can say; passed as scalar arguments after the arrays. */
export type Special = "inf" | "nan" | "zero"

/** A kernel as gpu.js is given it. */
export interface KernelText {
  /** `function (a, b) { ... }`, with one array argument for each of `reads`, then one number for each of `specials`. */
  readonly source: string
  /** Sources of the functions it calls. */
  readonly functions: ReadonlyArray<string>
  /** gpu.js `output`: at most three extents, the fastest first. A thread each. */
  readonly output: ReadonlyArray<number>
  /** Elements that a thread returns, side by side: 1, or a vector of 4. */
  readonly lanes: number
  readonly specials: ReadonlyArray<Special>
  /** Buffers of the array arguments, and of the result. */
  readonly reads: ReadonlyArray<number>
  readonly writes: number
}

const returned = (values: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (values.length === 1) return [`return ${values[0]!};`]
  const line = `return [${values.join(", ")}];`
  return line.length <= longest ? [line] : ["return [", ...values.map((value) => `  ${value},`), "];"]
}

/** What a text is written for: where threads compute four elements, nowhere unless told, and in what, `shading` unless told. */
export interface Target {
  readonly blocking?: Blocking
  readonly arithmetic?: Arithmetic
}

/**
 * The text of a kernel of one store that fills its buffer from start to end, for one thread an element, or for one thread
 * four neighbours where the target's blocking allows it. Throws an `Error` where the store leaves gaps or gpu.js does not
 * take so many arrays.
 *
 * @example
 * const x = build.input("x", [8], "f32")
 * const { steps } = Kernel.lower({ inputs: [x], outputs: [build.binary("add", x, x)] }, Kernel.gpujsOptions)
 * const [{ args, kernel }] = steps
 * kernel.kind === "loop" && GpuJs.kernelText({ kernel, args }).output // => [8]
 */
export const kernelText = (piece: Piece, target: Target = {}): KernelText => {
  const { arithmetic = "shading", blocking = never } = target
  const kernel = normalised(piece.kernel)
  if (!isDense(kernel))
    throw new Error(`a store that leaves gaps: ${JSON.stringify(kernel.stores[0]!.at)} over [${kernel.axes.join(",")}]`)
  const whole = pruned({ kernel, args: piece.args })
  const quads = blocked(whole.kernel, blocking)
  const { axes: extents, exprs, row, stores } = quads?.kernel ?? whole.kernel
  const { axes, output, prelude } = threads(extents)
  const counters = rowCounters(row.length).map((text, i): Axis => ({ extent: row[i]!, text, integer: true }))
  const roots = stores.map(({ value }) => value)
  const dialect = javascript([...axes, ...counters], arithmetic)
  const { statements, values } = body(exprs, roots, row, extents.length, dialect, quads?.together)
  const lines = [...prelude, ...statements, ...returned(values)]
  const to = stores[0]!.buffer
  const reads = whole.args.filter((_, param) => param !== to)
  if (reads.length > mostArrays) throw new Error(`a kernel of ${reads.length} arrays, gpu.js takes ${mostArrays}`)
  const inside = print(lines)
  const specials = (["inf", "nan", "zero"] as const).filter((name) => new RegExp(`\\b${name}\\b`).test(inside))
  const names = [...reads.map((_, i) => argument(i)), ...specials]
  return {
    source: print([block(`function (${names.join(", ")}) {`, lines)]),
    functions: calledFrom(inside),
    output,
    lanes: values.length,
    specials,
    reads,
    writes: whole.args[to]!
  }
}
