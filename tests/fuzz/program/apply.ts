/** Carrying out the calls of a program with the functions of the package. */
import { Last, Random, Same, Tensor } from "@noema/tensor"
import { type Call, isDimOf, isRef, type Program, mapped, type Argument } from "./program.ts"

const rooms: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { Last, Random, Same, Tensor }

type Callable = (...args: ReadonlyArray<unknown>) => unknown

const callable = (fn: string): Callable => {
  const [room, name] = fn.split(".") as [string, string]
  const found = rooms[room]?.[name]
  if (typeof found !== "function") throw new Error(`there is no function ${fn}`)
  return found as Callable
}

const dim = Tensor.dim as (x: Tensor.AnyTensor, axis: number) => unknown

const followed = (argument: Argument, values: ReadonlyArray<Tensor.AnyTensor>): unknown =>
  mapped(argument, (leaf) =>
    isRef(leaf) ? values[leaf.ref] : isDimOf(leaf) ? dim(values[leaf.dim]!, leaf.axis) : leaf
  )

/** The tensor a call gives. Throws `ShapeError` where the package refuses the call. */
export const carriedOut = ({ args, fn, part }: Call, values: ReadonlyArray<Tensor.AnyTensor>): Tensor.AnyTensor => {
  const result = callable(fn)(...args.map((argument) => followed(argument, values)))
  return (part === undefined ? result : (result as Record<string | number, unknown>)[part]) as Tensor.AnyTensor
}

/** All values of a program, those of its inputs first. */
export const valuesOf = (
  { calls }: Program,
  inputs: ReadonlyArray<Tensor.AnyTensor>
): ReadonlyArray<Tensor.AnyTensor> => {
  const values = [...inputs]
  for (const call of calls) values.push(carriedOut(call, values))
  return values
}

/** The program as a function of tensors. */
export const functionOf =
  (program: Program) =>
  (...inputs: ReadonlyArray<Tensor.AnyTensor>): ReadonlyArray<Tensor.AnyTensor> => {
    const values = valuesOf(program, inputs)
    return program.outputs.map((output) => values[output]!)
  }
