/** A subject on a device, through the public entry points, in the form that it asks for. */
import { Device, Program, Resident, Tensor } from "@noema/tensor"
import type { Data } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { type Input, sizesOf } from "./program/program.ts"
import { shapeOf, standIns, type Subject, type Tensors } from "./program/subject.ts"

export type Runtime = ManagedRuntime.ManagedRuntime<Device.Device, Device.DeviceUnavailable>

/** What a device made of a subject: its outputs, what a check found in it, or in words what went wrong. */
export type Result = { readonly outputs: ReadonlyArray<Data> } | { readonly check: string } | { readonly wrong: string }

/** What came of a run, and what it took. */
export interface Outcome {
  readonly result: Result
  /** Seconds of processor time. */
  readonly seconds: number
}

const specOf = (given: Input): Program.Spec => Program.spec(shapeOf(given), given.dtype)

const argumentOf = ({ data, shape }: Input) => ({ shape: sizesOf(shape), data })

type Values = ReadonlyArray<{ readonly data: Data }>

const dataOf = (values: unknown): ReadonlyArray<Data> => (values as Values).map(({ data }) => data)

const asArguments = ({ inputs, of }: Subject) =>
  Effect.gen(function* () {
    const program = yield* Program.make((tensors: Tensors) => of(...tensors), inputs.map(specOf))
    const first = dataOf(yield* program(inputs.map(argumentOf)))
    const again = dataOf(yield* program(inputs.map(argumentOf)))
    return sameBits(first, again) ? { outputs: first } : { wrong: "the second run gives other numbers than the first" }
  })

const asChecked = ({ inputs, of }: Subject) =>
  Effect.gen(function* () {
    const program = yield* Program.makeWith({ checked: true }, (tensors: Tensors) => of(...tensors), inputs.map(specOf))
    return { outputs: dataOf(yield* program(inputs.map(argumentOf))) }
  }).pipe(Effect.catchTag("CheckFailure", ({ message }) => Effect.succeed({ check: message })))

const asConstants = ({ inputs, of }: Subject) =>
  Effect.gen(function* () {
    const constants = inputs.map(({ data, dtype, shape }) => {
      const made = Tensor.fromArray as (data: Data, shape: unknown, dtype: string) => Tensor.AnyTensor
      return made(data, shape, dtype)
    })
    return { outputs: dataOf(yield* Program.compute(of(...constants))) }
  })

/** The state is the input `from`, and the output `to` takes its place. */
const asUpdate = ({ inputs, of }: Subject, from: number, to: number) =>
  Effect.gen(function* () {
    const rest = inputs.filter((_, i) => i !== from)
    const step = (state: Tensor.AnyTensor, others: Tensors) => {
      const outputs = of(...others.toSpliced(from, 0, state))
      return [outputs[to]!, outputs.filter((_, j) => j !== to)] as const
    }
    const program = yield* Program.make(step, specOf(inputs[from]!), rest.map(specOf))
    const state = yield* Resident.fromHost(specOf(inputs[from]!), argumentOf(inputs[from]!))
    const others = dataOf(yield* Program.update(program, state, rest.map(argumentOf)))
    const { data } = yield* Resident.get(state)
    return { outputs: others.toSpliced(to, 0, data) }
  })

const sameBits = (a: ReadonlyArray<Data>, b: ReadonlyArray<Data>): boolean =>
  a.every((data, j) => data.every((x, i) => Object.is(x, b[j]![i])))

/** An input and an output that are alike, for an update; null where there are none. */
const pairOf = ({ inputs, of }: Subject): readonly [number, number] | null => {
  const outputs = of(...standIns(inputs))
  for (const [from, given] of inputs.entries()) {
    const to = outputs.findIndex(
      ({ dtype, shape }) => dtype === given.dtype && String(shape) === String(shapeOf(given))
    )
    if (to >= 0) return [from, to]
  }
  return null
}

const inForm = (subject: Subject): Effect.Effect<Result, Program.ProgramError, Device.Device | Scope.Scope> => {
  if (subject.form === "constants") return asConstants(subject)
  if (subject.form === "checked") return asChecked(subject)
  const pair = subject.form === "update" ? pairOf(subject) : null
  return pair === null ? asArguments(subject) : asUpdate(subject, ...pair)
}

const usedBytes = Effect.flatMap(Device.Device, ({ memory }) => Effect.map(memory, (now) => now.usedBytes))

/** Runs a subject and closes everything. What fails, throws, or leaves memory behind is said in words. */
export const execute = async (subject: Subject, runtime: Runtime): Promise<Outcome> => {
  const started = process.cpuUsage()
  const run = Effect.gen(function* () {
    const before = yield* usedBytes
    const result = yield* Effect.scoped(inForm(subject))
    const after = yield* usedBytes
    return after === before ? result : { wrong: `${after - before} bytes stay taken` }
  })
  const result = await runtime
    .runPromise(run)
    .catch((error: unknown) => ({ wrong: error instanceof Error ? error.message : String(error) }))
  const { system, user } = process.cpuUsage(started)
  return { result, seconds: (system + user) / 1e6 }
}
