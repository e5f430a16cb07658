/**
 * Programs on the modes whose kernels take and give host arrays (cpu, webasm, webgl2, headlessgl): one call a pass, in
 * order. These modes are for correctness and reach, not for speed.
 */
import { foldKey, uniformAt } from "../../graph/threefry.ts"
import { empty, inForm, joined } from "./arrays.ts"
import type { Backend, Host } from "./backend.ts"
import type { Gpu, KernelShortcut } from "./library.ts"
import type { Mode } from "./modes.ts"
import type { GpuProgram, KernelPass } from "./program.ts"
import { settings, signature, specials } from "./settings.ts"

/** What gpu.js's kernels call themselves. */
const backendNames: Readonly<Record<Mode, ReadonlyArray<string>>> = {
  cpu: ["cpu"],
  webasm: ["webasm"],
  webgpu: ["webgpu"],
  webgl2: ["gpu"],
  headlessgl: ["gpu", "headlessgl"]
}

/** Compiled kernels by their text and shapes; shared by all programs of a layer. */
export class HostKernels {
  readonly #gpu: Gpu
  readonly #mode: Mode
  readonly #kernels = new Map<string, KernelShortcut>()

  constructor(gpu: Gpu, mode: Mode) {
    this.#gpu = gpu
    this.#mode = mode
  }

  kernel(pass: KernelPass, lengths: ReadonlyArray<number>): KernelShortcut {
    const key = signature(pass.text, lengths)
    const known = this.#kernels.get(key)
    if (known !== undefined) return known
    const kernel = this.#gpu.createKernel(pass.text.source, settings(pass.text))
    this.#kernels.set(key, kernel)
    return kernel
  }

  /** Runs a pass and checks that gpu.js did not move it to another backend. */
  async call(pass: KernelPass, args: ReadonlyArray<Float32Array>): Promise<Float32Array> {
    const kernel = this.kernel(
      pass,
      args.map((array) => array.length)
    )
    const { lanes, output } = pass.text
    const length = output.reduce((product, extent) => product * extent, lanes)
    const result = flat((await kernel(...args, ...specials(pass.text))) as Nested, length)
    const ran = kernel.kernel.constructor.mode
    if (!backendNames[this.#mode].includes(ran))
      throw new Error(
        `gpu.js ran kernel ${pass.name} on ${ran} instead of ${this.#mode}: ${kernel.kernel.fallbackReason ?? "no reason given"}`
      )
    return result
  }

  async destroy(): Promise<void> {
    this.#kernels.clear()
    await this.#gpu.destroy()
  }
}

/** Rows of rows, the fastest axis innermost; a vector that a thread returns is one more axis. */
type Nested = Float32Array | ReadonlyArray<number> | ReadonlyArray<Nested>

const flat = (result: Nested, length: number): Float32Array => {
  if (result instanceof Float32Array && result.length === length) return result
  const whole = new Float32Array(length)
  let at = 0
  const visit = (part: Nested): void => {
    if (part instanceof Float32Array || typeof part[0] === "number") {
      whole.set(part as ArrayLike<number>, at)
      at += part.length
    } else for (const inner of part as ReadonlyArray<Nested>) visit(inner)
  }
  visit(result)
  return whole
}

/** Runs a program; the inputs are in the form of their slots. */
export const runOnHost = async (
  program: GpuProgram,
  kernels: HostKernels,
  inputs: ReadonlyArray<Host>
): Promise<ReadonlyArray<Host>> => {
  const memory = new Array<Host | undefined>(program.slots.length)
  for (const { data, slot } of program.constants) memory[slot] = inForm(data, program.slots[slot]!.form)
  program.inputs.forEach((slot, i) => {
    if (slot >= 0) memory[slot] = inputs[i]!
  })
  const held = (slot: number): Host => memory[slot] ?? new Float32Array(program.slots[slot]!.length)
  for (const pass of program.passes) {
    switch (pass.kind) {
      case "kernel": {
        // gpu.js takes no empty array; nothing is read from this one.
        const args = pass.text.reads.map((slot) => {
          const data = held(slot) as Float32Array
          return data.length === 0 ? new Float32Array(1) : data
        })
        memory[pass.text.writes] = await kernels.call(pass, args)
        break
      }
      case "convert":
        memory[pass.to] = inForm(held(pass.from), program.slots[pass.to]!.form)
        break
      case "join":
        memory[pass.to] = joined(held(pass.low), held(pass.high))
        break
      case "draw":
        memory[pass.to] = drawn(pass.axes, pass.at, held(pass.key))
        break
      case "fold": {
        const [k0, k1] = held(pass.key)
        const data = "buffer" in pass.data ? held(pass.data.buffer)[0]! : pass.data.literal
        memory[pass.to] = Int32Array.from(foldKey(k0!, k1!, data))
      }
    }
  }
  return program.outputs.map((slot) => held(slot))
}

const drawn = (
  axes: ReadonlyArray<number>,
  at: { readonly offset: number; readonly strides: ReadonlyArray<number> },
  key: Host
): Float32Array => {
  const result = new Float32Array(axes.reduce((product, extent) => product * extent, 1))
  const index = axes.map(() => 0)
  for (let i = 0; i < result.length; i++) {
    const place = index.reduce((sum, position, axis) => sum + position * at.strides[axis]!, at.offset)
    result[i] = uniformAt(key[0]!, key[1]!, place)
    for (let axis = axes.length - 1; axis >= 0 && ++index[axis]! === axes[axis]; axis--) index[axis] = 0
  }
  return result
}

/** An array of a layer; its numbers are kept as at the border of a program. */
export interface HostMemory {
  data: Host
}

const bytes = (length: number): number => 4 * length

/** The backend of the modes that run on host arrays. */
export const hostBackend = (gpu: Gpu, mode: Mode, description: string, limitBytes: number): Backend<HostMemory> => {
  const kernels = new HostKernels(gpu, mode)
  const planned = (program: GpuProgram): number => {
    const inputs = new Set(program.inputs)
    return program.slots.reduce((sum, { length }, slot) => (inputs.has(slot) ? sum : sum + bytes(length)), 0)
  }
  return {
    description,
    limitBytes,
    largestBytes: limitBytes,
    allocate: (dtype, length) => ({ data: empty(dtype, length) }),
    free: (memory) => {
      memory.data = new Float32Array(0)
    },
    write: (memory, data) => memory.data.set(data),
    read: async (memory) => memory.data.slice(),
    planned,
    prepare: async (program) => ({
      bytes: planned(program),
      kernels: new Set(program.passes.flatMap((pass) => (pass.kind === "kernel" ? [pass.text.source] : []))).size,
      run: async (args, into) => {
        const inputs = args.map((arg) => ("data" in arg ? arg.data : arg))
        const results = await runOnHost(program, kernels, inputs)
        return results.map((result, j) => {
          const target = into[j] ?? null
          if (target === null) return result.slice()
          target.data = result.slice()
          return null
        })
      },
      free: () => {}
    }),
    close: () => kernels.destroy()
  }
}
