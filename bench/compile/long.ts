/** Programs as long as a user's loop is: what the time from the function to its first result grows with. */
import { grad } from "@noema/autodiff"
import { Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"

type Vector = Tensor.Tensor<[16]>

const chain =
  (link: (y: Vector, x: Vector, i: number) => Vector) =>
  (x: Vector, length: number): Vector => {
    let y = x
    for (let i = 0; i < length; i++) y = link(y, x, i)
    return y
  }

const sum = chain((y, x) => Tensor.add(y, Tensor.mul(x, 0.5)))
const functions = chain((y) => Tensor.tanh(y))

export const long: Readonly<Record<string, (x: Vector, length: number) => Vector>> = {
  "sum of terms": sum,
  "functions of each other": functions,
  "gradient of a sum of terms": (x, length) => grad((x: Vector) => Tensor.sum(sum(x, length)))(x),
  "gradient of functions of each other": (x, length) => grad((x: Vector) => Tensor.sum(functions(x, length)))(x)
}

export interface Long {
  /** From the call of `Program.make` to the first result: traced, compiled and run once. */
  readonly milliseconds: number
  /** CPU time of the process meanwhile, the engine's own threads too. */
  readonly cpu: number
  readonly kernels: { readonly run: number; readonly compiled: number }
}

export const measureLong = Effect.fnUntraced(function* (of: (x: Vector, length: number) => Vector, length: number) {
  const data = Float32Array.from({ length: 16 }, (_, i) => i / 16)
  const [start, cpuStart] = [performance.now(), process.cpuUsage()]
  const program = yield* Program.make((x) => of(x, length), Program.spec([16]))
  yield* program(data)
  const milliseconds = performance.now() - start
  const { user, system } = process.cpuUsage(cpuStart)
  const { kernels } = yield* Program.prepare(program, {})
  return { milliseconds, cpu: (user + system) / 1000, kernels } satisfies Long
})
