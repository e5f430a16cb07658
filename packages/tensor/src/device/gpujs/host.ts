/**
 * Programs on the modes that gpu.js runs by itself (cpu, webasm, webgl2, headlessgl): one call a pass, in order. These
 * modes are for correctness and reach, not for speed. Results stay textures between the kernels of the WebGL modes.
 */
import { foldKey, uniformAt } from "../../graph/threefry.ts"
import { empty, inForm, joined } from "./arrays.ts"
import type { Backend, Host } from "./backend.ts"
import { destroyKernel, type Gpu, type KernelShortcut } from "./library.ts"
import type { Mode } from "./modes.ts"
import { type GpuProgram, type KernelPass, type Pass, touches } from "./program.ts"
import { settings, signature, specials } from "./settings.ts"
import { Shared } from "./shared.ts"
import {
  argumentType,
  flat,
  type Held,
  isOnCard,
  type Nested,
  onCard,
  read,
  release,
  type Texture
} from "./textures.ts"

/** What gpu.js's kernels call themselves. */
const backendNames: Readonly<Record<Mode, ReadonlyArray<string>>> = {
  cpu: ["cpu"],
  webasm: ["webasm"],
  webgpu: ["webgpu"],
  webgl2: ["gpu"],
  headlessgl: ["gpu", "headlessgl"]
}

/** Modes whose kernels hand textures on. */
const onGraphics: ReadonlySet<Mode> = new Set(["webgl2", "headlessgl"])

/** Compiled kernels by their text and shapes; shared by all programs of a layer. */
class HostKernels {
  readonly #gpu: Gpu
  readonly #mode: Mode
  readonly #kernels: Shared<KernelShortcut>

  constructor(gpu: Gpu, mode: Mode) {
    this.#gpu = gpu
    this.#mode = mode
    this.#kernels = new Shared((kernel) => destroyKernel(gpu, kernel))
  }

  /** `used`: the names of the kernels that the program has, to be released when it goes. */
  #kernel({ text }: KernelPass, args: ReadonlyArray<Held>, used: Map<string, KernelShortcut>): KernelShortcut {
    const types = args.map(argumentType)
    const key = signature(
      text,
      types.map(({ shape }) => shape)
    )
    const known = used.get(key)
    if (known !== undefined) return known
    const arrays = types.map(({ type }) => type)
    const staying = onGraphics.has(this.#mode) ? { pipeline: true, immutable: true } : {}
    const kernel = this.#kernels.take(key, () =>
      this.#gpu.createKernel(text.source, { ...settings(text, arrays), ...staying })
    )
    used.set(key, kernel)
    return kernel
  }

  release(used: ReadonlyMap<string, KernelShortcut>): void {
    // A texture is read through the kernel that made it, and may outlive the program.
    if (onGraphics.has(this.#mode)) return
    for (const name of used.keys()) this.#kernels.release(name)
  }

  /** Runs a pass and checks that gpu.js did not move it to another backend. */
  async call(pass: KernelPass, args: ReadonlyArray<Held>, used: Map<string, KernelShortcut>): Promise<Held> {
    const kernel = this.#kernel(pass, args, used)
    const { lanes, output } = pass.text
    const length = output.reduce((product, extent) => product * extent, lanes)
    const given = args.map((held) => (isOnCard(held) ? held.texture : held))
    const result = await kernel(...given, ...specials(pass.text))
    const ran = kernel.kernel.constructor.mode
    if (!backendNames[this.#mode].includes(ran))
      throw new Error(
        `gpu.js ran kernel ${pass.name} on ${ran} instead of ${this.#mode}: ${kernel.kernel.fallbackReason ?? "no reason given"}`
      )
    return onGraphics.has(this.#mode) ? onCard(result as Texture, lanes, length) : flat(result as Nested, length)
  }

  async destroy(): Promise<void> {
    this.#kernels.clear()
    await this.#gpu.destroy()
  }
}

/** For each pass, the slots that it is the last to read and that nobody else holds. */
const lastReads = ({ constants, inputs, outputs, passes }: GpuProgram): ReadonlyArray<ReadonlyArray<number>> => {
  const held = new Set([...inputs, ...outputs, ...constants.map(({ slot }) => slot)])
  const last = new Map<number, number>()
  passes.forEach((pass, time) => {
    const { reads, writes } = touches(pass)
    for (const slot of [...reads, writes]) if (!held.has(slot)) last.set(slot, time)
  })
  const dying = passes.map((): Array<number> => [])
  for (const [slot, time] of last) dying[time]!.push(slot)
  return dying
}

/** Runs a program; the inputs are in the form of their slots. What it gives is the caller's, inputs handed on apart. */
const runOnHost = async (
  program: GpuProgram,
  dying: ReadonlyArray<ReadonlyArray<number>>,
  kernels: HostKernels,
  used: Map<string, KernelShortcut>,
  inputs: ReadonlyArray<Held>
): Promise<ReadonlyArray<Held>> => {
  const memory = new Array<Held | undefined>(program.slots.length)
  for (const { data, slot } of program.constants) memory[slot] = inForm(data, program.slots[slot]!.form)
  program.inputs.forEach((slot, i) => {
    if (slot >= 0) memory[slot] = inputs[i]!
  })
  const held = (slot: number): Held => memory[slot] ?? new Float32Array(program.slots[slot]!.length)
  const array = (slot: number): Host => read(held(slot))
  const result = async (pass: Pass): Promise<Held> => {
    switch (pass.kind) {
      case "kernel": {
        // gpu.js takes no empty array; nothing is read from this one.
        const args = pass.text.reads.map((slot) => {
          const data = held(slot)
          return data.length === 0 ? new Float32Array(1) : data
        })
        return kernels.call(pass, args, used)
      }
      case "convert":
        return inForm(array(pass.from), program.slots[pass.to]!.form)
      case "join":
        return joined(array(pass.low), array(pass.high))
      case "draw":
        return drawn(pass, array(pass.key))
      case "fold": {
        const [k0, k1] = array(pass.key)
        const data = "buffer" in pass.data ? array(pass.data.buffer)[0]! : pass.data.literal
        return Int32Array.from(foldKey(k0!, k1!, data, pass.domain))
      }
    }
  }
  try {
    for (const [time, pass] of program.passes.entries()) {
      memory[touches(pass).writes] = await result(pass)
      for (const slot of dying[time]!) {
        release(memory[slot])
        memory[slot] = undefined
      }
    }
  } catch (error) {
    for (const own of memory) if (own !== undefined && !inputs.includes(own)) release(own)
    throw error
  }
  return program.outputs.map(held)
}

const drawn = ({ at, axes, domain }: Extract<Pass, { kind: "draw" }>, key: Host): Float32Array => {
  const result = new Float32Array(axes.reduce((product, extent) => product * extent, 1))
  const index = axes.map(() => 0)
  for (let i = 0; i < result.length; i++) {
    const place = index.reduce((sum, position, axis) => sum + position * at.strides[axis]!, at.offset)
    result[i] = uniformAt(key[0]!, key[1]!, place, domain)
    for (let axis = axes.length - 1; axis >= 0 && ++index[axis]! === axes[axis]; axis--) index[axis] = 0
  }
  return result
}

/** An array of a layer; its numbers are kept as at the border of a program. */
export interface HostMemory {
  data: Held
}

/** The backend of the modes that run on host arrays. */
export const hostBackend = (gpu: Gpu, mode: Mode, description: string, limitBytes: number): Backend<HostMemory> => {
  const kernels = new HostKernels(gpu, mode)
  // A texel holds one number where it could hold four.
  const bytes = (length: number): number => (onGraphics.has(mode) ? 16 : 4) * length
  /** The most that is held at a time: constants and outputs to the end, what passes hand on until its last reader. */
  const planned = (program: GpuProgram): number => {
    const of = (slot: number): number => bytes(program.slots[slot]!.length)
    const dying = lastReads(program)
    let now = program.constants.reduce((sum, { slot }) => sum + of(slot), 0)
    let most = now
    program.passes.forEach((pass, time) => {
      now += of(touches(pass).writes)
      most = Math.max(most, now)
      for (const slot of dying[time]!) now -= of(slot)
    })
    return most
  }
  const put = (memory: HostMemory, data: Held): void => {
    release(memory.data)
    memory.data = data
  }
  return {
    description,
    limitBytes,
    largestBytes: limitBytes,
    allocate: async (dtype, length) => ({ data: empty(dtype, length) }),
    free: (memory) => put(memory, new Float32Array(0)),
    write: (memory, data) => put(memory, data.slice()),
    read: async (memory) => read(memory.data).slice(),
    planned,
    prepare: async (program) => {
      const dying = lastReads(program)
      const used = new Map<string, KernelShortcut>()
      const kinds = new Set(program.passes.flatMap((pass) => (pass.kind === "kernel" ? [pass.text.source] : [])))
      return {
        bytes: planned(program),
        kernels: kinds.size,
        run: async (args, into) => {
          const inputs = args.map((arg) => ("data" in arg ? arg.data : arg))
          const results = await runOnHost(program, dying, kernels, used, inputs)
          const own = new Set(results.filter((result) => !inputs.includes(result)))
          // Everything that is handed on as an array, before anything is overwritten.
          const arrays = results.map((result, j) =>
            (into[j] ?? null) !== null && own.delete(result) ? null : read(result).slice()
          )
          own.forEach(release)
          return results.map((result, j) => {
            const target = into[j] ?? null
            if (target === null) return arrays[j]!
            put(target, arrays[j] ?? result)
            return null
          })
        },
        free: () => kernels.release(used)
      }
    },
    close: () => kernels.destroy()
  }
}
