/** How an emitted kernel is handed to gpu.js. */
import type { KernelText } from "../../emit/gpujs/index.ts"
import type { KernelSettings } from "./library.ts"

/** Loops have constant bounds; gpu.js cuts loops that it cannot prove finite at this number of turns. */
const turns = 2 ** 30

export const settings = (text: KernelText): KernelSettings => ({
  output: text.output,
  functions: text.functions.map((source) => ({ source, settings: {} })),
  argumentTypes: [...text.reads.map(() => "Array"), ...text.specials.map(() => "Float")],
  loopMaxIterations: turns,
  precision: "single"
})

/** Kernels with equal signatures are one compiled kernel. */
export const signature = (text: KernelText, lengths: ReadonlyArray<number>): string =>
  `${text.output.join("x")}|${lengths.join(",")}|${text.source}`

/** The scalar arguments, in order. */
export const specials = (text: KernelText): ReadonlyArray<number> =>
  text.specials.map((name) => (name === "inf" ? Infinity : NaN))
