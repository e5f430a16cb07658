/** A program as the text of a test. */
import type { Data, DType } from "@noema/tensor/graph"
import { type Argument, type Call, type Input, type InputSize, isDimOf, isRef, type Program } from "./program.ts"

/** `a`, `b`, ..., `z`, `a1`, ... */
const nameOf = (value: number): string =>
  `${String.fromCharCode(97 + (value % 26))}${value < 26 ? "" : Math.floor(value / 26)}`

const numberText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x))

const argumentText = (argument: Argument): string => {
  if (typeof argument === "string") return JSON.stringify(argument)
  if (typeof argument === "number") return numberText(argument)
  if (typeof argument === "boolean") return String(argument)
  if (isRef(argument)) return nameOf(argument.ref)
  if (isDimOf(argument)) return `Tensor.dim(${nameOf(argument.dim)}, ${argument.axis})`
  if (Array.isArray(argument)) return `[${argument.map(argumentText).join(", ")}]`
  const options = Object.entries(argument as Readonly<Record<string, Argument>>)
  return `{ ${options.map(([option, each]) => `${option}: ${argumentText(each)}`).join(", ")} }`
}

const partText = (part: Call["part"]): string =>
  part === undefined ? "" : typeof part === "number" ? `[${part}]` : `.${part}`

const callText = ({ args, fn, part }: Call): string => `${fn}(${args.map(argumentText).join(", ")})${partText(part)}`

const sizeText = (size: InputSize): string =>
  typeof size === "number" ? String(size) : `named(${JSON.stringify(size.dim)}, ${size.size})`

/** The shortest number that f32 rounds to this one. */
const shortest = (x: number): number => {
  if (Object.is(x, -0)) return x
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits))
    if (Object.is(Math.fround(short), x)) return short
  }
  return x
}

const elementText = (x: number, dtype: DType): string =>
  dtype === "bool" ? String(x !== 0) : numberText(dtype === "f32" ? shortest(x) : x)

const dataText = (data: Data, dtype: DType): string => `[${[...data].map((x) => elementText(x, dtype)).join(", ")}]`

const inputText = ({ data, dtype, shape }: Input): string =>
  `given([${shape.map(sizeText).join(", ")}], ${dataText(data, dtype)}${dtype === "f32" ? "" : `, "${dtype}"`})`

/** An entry of the corpus, ready to be pasted. */
export const printed = (program: Program, title: string): string => {
  const { calls, form, gradient, inputs, outputs } = program
  const lines = calls.map((call, i) => `    const ${nameOf(inputs.length + i)} = ${callText(call)}`)
  const options = [...(form === "arguments" ? [] : [`form: "${form}"`]), ...(gradient ? ["gradient: true"] : [])]
  return [
    "found(",
    `  ${JSON.stringify(title)},`,
    `  [${inputs.map(inputText).join(", ")}],`,
    `  (${inputs.map((_, i) => nameOf(i)).join(", ")}) => {`,
    ...lines,
    `    return [${outputs.map(nameOf).join(", ")}]`,
    `  }${options.length === 0 ? "" : `,\n  { ${options.join(", ")} }`}`,
    ")"
  ].join("\n")
}
