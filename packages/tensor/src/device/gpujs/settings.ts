/** How an emitted kernel is handed to gpu.js. */
import type { KernelText } from "../../emit/gpujs/index.ts"
import type { KernelSettings } from "./library.ts"

/** Loops have constant bounds; gpu.js cuts loops that it cannot prove finite at this number of turns. */
const turns = 2 ** 30

/** Every value is a number: left to itself gpu.js takes the types of a function from its first call, counters and all. */
const numeric = (source: string) => {
  const params = /\(([^)]*)\)/.exec(source)![1]!.split(",")
  return { source, settings: { argumentTypes: params.map(() => "Number"), returnType: "Number" } }
}

/** @param arrays gpu.js's types of the array arguments; `Array` each if absent */
export const settings = (
  text: KernelText,
  arrays: ReadonlyArray<string> = text.reads.map(() => "Array")
): KernelSettings => ({
  output: text.output,
  functions: text.functions.map(numeric),
  argumentTypes: [...arrays, ...text.specials.map(() => "Float")],
  loopMaxIterations: turns,
  precision: "single"
})

/** Kernels with equal signatures are one compiled kernel. `shapes` are those of the arguments. */
export const signature = (text: KernelText, shapes: ReadonlyArray<number | string>): string =>
  `${text.output.join("x")}|${shapes.join(",")}|${text.source}`

/** The scalar arguments, in order. */
export const specials = (text: KernelText): ReadonlyArray<number> =>
  text.specials.map((name) => ({ inf: Infinity, nan: NaN, zero: 0 })[name])
