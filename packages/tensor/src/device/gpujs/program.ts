/**
 * A schedule as passes for gpu.js, the same for every mode.
 *
 * Inside a program every value is a float: an i32 is a whole number, exact up to 2^24, a bool is 0 or 1. At its border an
 * i32 array is what it is everywhere, 32 bits a number; those bits are also what random keys are kept in. So a buffer of
 * i32 may be needed in several forms, and converting between them is a pass of its own. Kernels that only move numbers
 * on their way to where bits are needed move both halves of the bits, so nothing is lost on that way.
 */
import {
  type Draw,
  type Fold,
  type Half,
  halved,
  kernelText,
  type KernelText,
  movedFrom,
  type Piece,
  type Product,
  stage,
  type Stage,
  type Target
} from "../../emit/gpujs/index.ts"
import type { Buffer, GemmKernel, Schedule } from "../../kernel/ir.ts"
import type { DType } from "../../graph/node.ts"

/** `bits`: 32-bit integers. `values`: floats. `low` and `high`: floats that hold 16 of the bits. */
export type Form = "bits" | "values" | Half

/** An array of a program, in one form. */
export interface Slot {
  readonly label: string
  readonly dtype: DType
  readonly length: number
  readonly form: Form
}

/** A kernel of gpu.js, run once. */
export interface KernelPass {
  readonly kind: "kernel"
  readonly name: string
  readonly text: KernelText
  /** The product that the kernel computes, for executors with a faster kernel for it. */
  readonly product?: { readonly kernel: GemmKernel; readonly args: ReadonlyArray<number> }
}

/** One step of a program. */
export type Pass =
  | KernelPass
  | Draw
  | Fold
  /** Between the forms of an i32: rounds, saturates. */
  | { readonly kind: "convert"; readonly from: number; readonly to: number; readonly length: number }
  /** Bits from their halves. */
  | {
      readonly kind: "join"
      readonly low: number
      readonly high: number
      readonly to: number
      readonly length: number
    }

/** A program as passes over slots, whatever the mode. */
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
    case "join":
      return { reads: [pass.low, pass.high], writes: pass.to }
  }
}

/**
 * The passes of a schedule for gpu.js, in order, as texts for the target.
 *
 * @example
 * const x = build.input("x", [8], "f32")
 * const schedule = Kernel.lower({ inputs: [x], outputs: [build.binary("add", x, x)] }, Kernel.gpujsOptions)
 * GpuJs.assemble(schedule).passes.map(({ kind }) => kind) // => ["kernel"]
 */
export const assemble = (schedule: Schedule, target: Target = {}): GpuProgram => {
  const slots: Array<Slot> = schedule.buffers.map(({ dtype, label, length }) => ({
    label,
    dtype,
    length,
    form: dtype === "i32" ? "bits" : "values"
  }))
  const passes: Array<Pass> = []
  const other = new Map<string, number>()

  const add = (slot: Slot): number => slots.push(slot) - 1

  /** The slot that holds a buffer in a form, converted now if it does not exist yet. */
  const inForm = (buffer: number, form: Form): number => {
    const slot = slots[buffer]!
    if (slot.dtype !== "i32" || slot.form === form) return buffer
    const key = `${buffer} ${form}`
    const known = other.get(key)
    if (known !== undefined) return known
    // Halves are taken from bits.
    const from = form === "low" || form === "high" ? inForm(buffer, "bits") : buffer
    const to = add({ ...slot, form })
    other.set(key, to)
    if (slot.length > 0) passes.push({ kind: "convert", from, to, length: slot.length })
    return to
  }

  /** What a kernel reads: halves as they are, other slots as values. */
  const asValues = (slot: number): number => {
    const { form } = slots[slot]!
    return form === "low" || form === "high" ? slot : inForm(slot, "values")
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

  /** A kernel that only moves whole numbers, for each half of their bits. */
  const move = (name: string, piece: Piece, to: number): void => {
    const halves = (["low", "high"] as const).map((half) => {
      const part = add({ ...slots[to]!, form: half })
      other.set(`${to} ${half}`, part)
      const text = kernelText(
        halved(piece, half, (buffer) => inForm(buffer, half), part),
        target
      )
      passes.push({ kind: "kernel", name, text: { ...text, reads: text.reads.map(asValues) } })
      return part
    })
    made(to, "bits")
    const [low, high] = halves as [number, number]
    passes.push({ kind: "join", low, high, to, length: slots[to]!.length })
  }

  const stages = schedule.steps.flatMap((step) =>
    stage(step, (dtype, length, label) => add({ label, dtype, length, form: "values" })).map((each) => ({
      name: step.name,
      each
    }))
  )
  const exact = bitsNeeded(
    stages.map(({ each }) => each),
    schedule.outputs
  )
  for (const { each, name } of stages) {
    switch (each.kind) {
      case "piece": {
        const to = each.args[each.kernel.stores[0]!.buffer]!
        if (exact.has(to) && movedFrom(each) !== null) move(name, each, to)
        else kernelPass(name, kernelText(each, target))
        break
      }
      case "product":
        kernelPass(name, kernelText(each.plain, target), each)
        break
      case "draw":
        passes.push({ ...each, key: inForm(each.key, "bits") })
        break
      case "fold": {
        const key = inForm(each.key, "bits")
        const data = "buffer" in each.data ? { buffer: inForm(each.data.buffer, "bits") } : each.data
        made(each.to, "bits")
        passes.push({ ...each, key, data })
        break
      }
      default:
        each satisfies never
    }
  }

  const constants = schedule.buffers.flatMap((buffer: Buffer) =>
    buffer.data === undefined ? [] : [{ slot: buffer.id, data: buffer.data }]
  )
  const outputs = schedule.outputs.map((buffer) => inForm(buffer, "bits"))
  return { slots, passes, inputs: schedule.inputs, outputs, constants }
}

/** Buffers whose every bit counts: outputs, what random numbers are made of, and what is moved to one of these. */
const bitsNeeded = (stages: ReadonlyArray<Stage>, outputs: ReadonlyArray<number>): ReadonlySet<number> => {
  const needed = new Set(outputs)
  for (const each of stages.toReversed()) {
    if (each.kind === "draw" || each.kind === "fold") needed.add(each.key)
    if (each.kind === "fold" && "buffer" in each.data) needed.add(each.data.buffer)
    if (each.kind === "piece" && needed.has(each.args[each.kernel.stores[0]!.buffer]!))
      for (const buffer of movedFrom(each) ?? []) needed.add(buffer)
  }
  return needed
}
