/**
 * A program of the DSL as data: inputs with their values, and calls of public functions on what was made before. Values
 * are numbered, the inputs first; so a program can be cut, shrunk and printed without knowing any operation.
 */
import type { Axis } from "@noema/tensor"
import type { Data, DType } from "@noema/tensor/graph"

/** A size as an input has it: a number, or a name with its size. */
export type InputSize = number | Axis<string>

export interface Input {
  readonly shape: ReadonlyArray<InputSize>
  readonly dtype: DType
  readonly data: Data
}

/** The value of this number. */
export interface Ref {
  readonly ref: number
}

/** The size of an axis of a value, as `Tensor.dim` gives it. */
export interface DimOf {
  readonly dim: number
  readonly axis: number
}

/** What a function is called with: values and sizes of values, among plain numbers, texts, lists and options. */
export type Argument =
  | number
  | boolean
  | string
  | Ref
  | DimOf
  | ReadonlyArray<Argument>
  | { readonly [option: string]: Argument }

export interface Call {
  /** `Tensor.add`, `Random.normal`: a function that the package exports. */
  readonly fn: string
  readonly args: ReadonlyArray<Argument>
  /** Which of several results it is. */
  readonly part?: string | number
}

/**
 * How a program is run: with its inputs as arguments, with their values written into it, as an update, in which an output
 * takes the place of the input it is like, or with every operation checked.
 */
export type Form = "arguments" | "constants" | "update" | "checked"

export interface Program {
  readonly inputs: ReadonlyArray<Input>
  readonly calls: ReadonlyArray<Call>
  /** Numbers of values. */
  readonly outputs: ReadonlyArray<number>
  readonly form: Form
  /** The gradient of a sum over all real outputs in all real inputs is wanted, and not the outputs. */
  readonly gradient: boolean
}

export const sizeOf = (size: InputSize): number => (typeof size === "number" ? size : size.size)

export const sizesOf = (shape: ReadonlyArray<InputSize>): ReadonlyArray<number> => shape.map(sizeOf)

export const ref = (value: number): Ref => ({ ref: value })

export const isRef = (argument: Argument): argument is Ref => typeof argument === "object" && "ref" in argument

export const isDimOf = (argument: Argument): argument is DimOf => typeof argument === "object" && "dim" in argument

/** An argument with every leaf in it replaced: every value, size, number and text. */
export const mapped = (argument: Argument, leaf: (leaf: Argument) => unknown): unknown => {
  if (typeof argument !== "object" || isRef(argument) || isDimOf(argument)) return leaf(argument)
  if (Array.isArray(argument)) return argument.map((each: Argument) => mapped(each, leaf))
  const options = Object.entries(argument as Readonly<Record<string, Argument>>)
  return Object.fromEntries(options.map(([option, each]) => [option, mapped(each, leaf)]))
}

/** The numbers of the values an argument refers to. */
export const referred = (argument: Argument): ReadonlyArray<number> => {
  const found: Array<number> = []
  mapped(argument, (leaf) => {
    if (isRef(leaf)) found.push(leaf.ref)
    else if (isDimOf(leaf)) found.push(leaf.dim)
  })
  return found
}

/** A call whose references are renumbered. */
export const renumbered = (call: Call, to: (value: number) => number): Call => ({
  ...call,
  args: call.args.map(
    (argument) =>
      mapped(argument, (leaf) =>
        isRef(leaf) ? ref(to(leaf.ref)) : isDimOf(leaf) ? { dim: to(leaf.dim), axis: leaf.axis } : leaf
      ) as Argument
  )
})
