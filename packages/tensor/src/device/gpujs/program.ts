/**
 * A schedule as passes for gpu.js, the same for every mode.
 *
 * Inside a program every value is a float: an i32 is a whole number, exact up to 2^24, a bool is 0 or 1. At its border an
 * i32 array is what it is everywhere, 32 bits a number; those bits are also what random keys are kept in. So a buffer of
 * i32 may be needed in two forms, and converting between them is a pass of its own.
 */
import {
  type Blocking,
  type Draw,
  type Fold,
  kernelText,
  type KernelText,
  never,
  type Product,
  stage
} from "../../emit/gpujs/index.ts"
import type { Buffer, GemmKernel, Schedule } from "../../kernel/ir.ts"
import type { DType } from "../../graph/node.ts"

/** `bits`: 32-bit integers. `values`: floats. */
export type Form = "bits" | "values"

export interface Slot {
  readonly label: string
  readonly dtype: DType
  readonly length: number
  readonly form: Form
}

export interface KernelPass {
  readonly kind: "kernel"
  readonly name: string
  readonly text: KernelText
  /** The product that the kernel computes, for executors with a faster kernel for it. */
  readonly product?: { readonly kernel: GemmKernel; readonly args: ReadonlyArray<number> }
}

export type Pass =
  | KernelPass
  | Draw
  | Fold
  /** Between the two forms of an i32: rounds, saturates. */
  | { readonly kind: "convert"; readonly from: number; readonly to: number; readonly length: number }

export interface GpuProgram {
  readonly slots: ReadonlyArray<Slot>
  readonly passes: ReadonlyArray<Pass>
  /** Slot of each graph input, or -1 where it is not used; i32 inputs arrive as bits, the others as values. */
  readonly inputs: ReadonlyArray<number>
  /** Slot of each graph output, in the same forms. */
  readonly outputs: ReadonlyArray<number>
  /** Slots that hold constants of the program. */
  readonly constants: ReadonlyArray<{ readonly slot: number; readonly data: Float32Array | Int32Array }>
}

/** Which slots a pass reads and writes. */
export const touches = (pass: Pass): { readonly reads: ReadonlyArray<number>; readonly writes: number } => {
  switch (pass.kind) {
    case "kernel":
      return { reads: pass.text.reads, writes: pass.text.writes }
    case "draw":
      return { reads: [pass.key], writes: pass.to }
    case "fold":
      return { reads: "buffer" in pass.data ? [pass.key, pass.data.buffer] : [pass.key], writes: pass.to }
    case "convert":
      return { reads: [pass.from], writes: pass.to }
  }
}

export const assemble = (schedule: Schedule, blocking: Blocking = never): GpuProgram => {
  const slots: Array<Slot> = schedule.buffers.map(({ dtype, label, length }) => ({
    label,
    dtype,
    length,
    form: dtype === "i32" ? "bits" : "values"
  }))
  const passes: Array<Pass> = []
  const other = new Map<number, number>()

  const add = (slot: Slot): number => slots.push(slot) - 1

  /** The slot that holds a buffer in a form, converted now if it does not exist yet. */
  const inForm = (buffer: number, form: Form): number => {
    const slot = slots[buffer]!
    if (slot.dtype !== "i32" || slot.form === form) return buffer
    const known = other.get(buffer)
    if (known !== undefined) return known
    const to = add({ ...slot, form })
    other.set(buffer, to)
    if (slot.length > 0) passes.push({ kind: "convert", from: buffer, to, length: slot.length })
    return to
  }

  const made = (buffer: number, form: Form): void => {
    slots[buffer] = { ...slots[buffer]!, form }
  }

  const kernelPass = (name: string, text: KernelText, product?: Product): void => {
    made(text.writes, "values")
    const reads = text.reads.map((buffer) => inForm(buffer, "values"))
    const place = new Map(text.reads.map((buffer, i) => [buffer, reads[i]!]))
    passes.push({
      kind: "kernel",
      name,
      text: { ...text, reads },
      ...(product === undefined
        ? {}
        : { product: { kernel: product.kernel, args: product.args.map((buffer) => place.get(buffer) ?? buffer) } })
    })
  }

  for (const step of schedule.steps) {
    const stages = stage(step, (dtype, length, label) => add({ label, dtype, length, form: "values" }))
    for (const each of stages) {
      switch (each.kind) {
        case "piece":
          kernelPass(step.name, kernelText(each, blocking))
          break
        case "product":
          kernelPass(step.name, kernelText(each.plain, blocking), each)
          break
        case "draw":
          passes.push({ ...each, key: inForm(each.key, "bits") })
          break
        case "fold": {
          const key = inForm(each.key, "bits")
          const data = "buffer" in each.data ? { buffer: inForm(each.data.buffer, "bits") } : each.data
          made(each.to, "bits")
          passes.push({ ...each, key, data })
        }
      }
    }
  }

  const constants = schedule.buffers.flatMap((buffer: Buffer) =>
    buffer.data === undefined ? [] : [{ slot: buffer.id, data: buffer.data }]
  )
  const outputs = schedule.outputs.map((buffer) => inForm(buffer, "bits"))
  return { slots, passes, inputs: schedule.inputs, outputs, constants }
}
