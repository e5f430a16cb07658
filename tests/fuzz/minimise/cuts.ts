/** Smaller programs than one that fails: with fewer outputs, and without a call. */
import { interpret } from "@noema/tensor/reference"
import { valuesOf } from "../program/apply.ts"
import { type Input, type Program, referred, renumbered } from "../program/program.ts"
import { standIns } from "../program/subject.ts"

/** With one output of several. */
export function* fewerOutputs(program: Program): Iterable<Program> {
  if (program.outputs.length > 1) for (const output of program.outputs) yield { ...program, outputs: [output] }
}

/** With what an output was made of in its place. */
export function* earlier(program: Program): Iterable<Program> {
  const { calls, inputs, outputs } = program
  for (const [j, output] of outputs.entries())
    for (const value of calls[output - inputs.length]?.args.flatMap(referred) ?? [])
      yield { ...program, outputs: outputs.with(j, value) }
}

/** In the plainest form, and as values instead of gradients. */
export function* plainer(program: Program): Iterable<Program> {
  if (program.gradient) yield { ...program, gradient: false }
  if (program.form !== "arguments") yield { ...program, form: "arguments" }
}

/** Every use of one value made a use of another. */
const substituted = (program: Program, value: number, by: number): Program => ({
  ...program,
  calls: program.calls.map((call) => renumbered(call, (each) => (each === value ? by : each))),
  outputs: program.outputs.map((each) => (each === value ? by : each))
})

/** Without one call, the latest first: what it was made of stands for it. */
export function* bypassed(program: Program): Iterable<Program> {
  const { calls, inputs } = program
  const values = valuesOf(program, standIns(inputs))
  for (let i = calls.length - 1; i >= 0; i--) {
    const value = inputs.length + i
    const alike = calls[i]!.args.flatMap(referred).filter(
      (by) => values[by]!.dtype === values[value]!.dtype && String(values[by]!.sizes) === String(values[value]!.sizes)
    )
    for (const by of new Set(alike)) yield substituted(program, value, by)
  }
}

/** With the value of a call as an input, the latest first. */
export function* given(program: Program): Iterable<Program> {
  const { calls, inputs } = program
  const tensors = standIns(inputs)
  const values = valuesOf(program, tensors)
  const data = interpret(
    { inputs: tensors.map(({ node }) => node), outputs: values.map(({ node }) => node) },
    inputs.map((each) => each.data)
  )
  for (let i = calls.length - 1; i >= 0; i--) {
    const value = inputs.length + i
    const { dtype, shape, sizes } = values[value]!
    const made: Input = {
      shape: shape.map((dim, axis) => (typeof dim === "string" ? { dim, size: sizes[axis]! } : dim)),
      dtype,
      data: dtype === "f32" ? Float32Array.from(data[value]!) : data[value]!
    }
    const moved = (each: number): number => (each === value ? inputs.length : each < inputs.length ? each : each + 1)
    yield {
      ...program,
      inputs: [...inputs, made],
      calls: calls.map((call) => renumbered(call, moved)),
      outputs: program.outputs.map(moved)
    }
  }
}

/** Without names. */
export function* nameless(program: Program): Iterable<Program> {
  const inputs = program.inputs.map((each) => ({
    ...each,
    shape: each.shape.map((size) => (typeof size === "number" ? size : size.size))
  }))
  if (program.inputs.some(({ shape }) => shape.some((size) => typeof size !== "number"))) yield { ...program, inputs }
}
