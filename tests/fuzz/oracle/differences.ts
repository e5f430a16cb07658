/** Gradients of a subject against finite differences on the reference, where those say something. */
import { checkGradients } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import type { Data } from "@noema/tensor/graph"
import { interpret, type Value } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import { type Subject, type Tensors, traced } from "../program/subject.ts"
import { balanceOf } from "./decisions.ts"

/** Ties and kinks lie on the grid of the inputs; beside it functions are smooth. */
const offGrid = (data: Data, input: number): Data =>
  data instanceof Float32Array ? Float64Array.from(data, (x, i) => x + 0.007 * Math.sin(13 * i + 7 * input + 1)) : data

/** Several times the step of the differences. */
const reach = 5e-4

const shifted = (data: Data, run: number): Data =>
  data instanceof Float64Array ? data.map((x, i) => x + reach * Math.sin(run * (i + 1.5))) : data

/** What the program decides around these values, or null where it is not finite. */
const decisions = (subject: Subject, values: ReadonlyArray<Data>): ReadonlyArray<Value> | null => {
  const found: Array<Value> = []
  let isFinite = true
  interpret(traced(subject), values, (node, value, operands) => {
    isFinite &&= value.every((x) => Number.isFinite(x) && Math.abs(x) < 1e6)
    const balance = balanceOf(node, operands)
    if (balance !== null) found.push(node.op.kind === "binary" ? balance.at.map(Math.trunc) : (value.slice() as Value))
  })
  return isFinite ? found : null
}

/** Whether the same is decided everywhere around: else differences are those of another branch. */
const isSmooth = (subject: Subject, values: ReadonlyArray<Data>): boolean => {
  const here = decisions(subject, values)
  return (
    here !== null &&
    [1, 2, 3, 4].every((run) => {
      const there = decisions(
        subject,
        values.map((data) => shifted(data, run))
      )
      return there !== null && here.every((value, j) => value.every((x, i) => x === there[j]![i]))
    })
  )
}

const constant = Tensor.fromArray as (data: Data, shape: unknown, dtype: string) => Tensor.AnyTensor

/** Where the derivatives of a function change fast, differences of one step may mislead; hardly those of two. */
const steps = [1e-4, 1e-5]

/** Where a gradient is wrong, in words; null where it is right, `undefined` where differences say nothing. */
export const gradientFault = async (subject: Subject): Promise<string | null | undefined> => {
  const values = subject.inputs.map(({ data }, i) => offGrid(data, i))
  if (!isSmooth(subject, values)) return undefined
  const tensors = subject.inputs.map((given, i) => constant(values[i]!, given.shape, given.dtype))
  const of = (inputs: Tensors): Tensors => subject.of(...inputs).filter(({ dtype }) => dtype === "f32")
  let fault: string | null = null
  for (const step of steps) {
    fault = await checkGradients(of, tensors, { directions: 2, coordinates: 3, tolerance: 1e-4, step }).pipe(
      Effect.match({ onSuccess: () => null, onFailure: ({ message }) => message }),
      Effect.runPromise
    )
    if (fault === null) return null
  }
  return fault
}
