/** Passes as compute pipelines: gpu.js's for its kernels, our own shaders beside them on the same device. */
import {
  convertShader,
  drawShader,
  foldShader,
  gemmShader,
  joinShader,
  type KernelText,
  type Shader,
  tileFor
} from "../../../emit/gpujs/index.ts"
import type { BuiltKernel, Gpu } from "../library.ts"
import type { GpuProgram, KernelPass, Pass } from "../program.ts"
import { settings, signature, specials } from "../settings.ts"
import { Shared } from "../shared.ts"

/** A pipeline and how a pass uses it: bindings in order are `uniform` if there is one, what is read, what is written. */
export interface Compiled {
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
  readonly uniform: GPUBuffer | null
  readonly groups: readonly [number, number, number]
}

const uniformUsage = 0x40 | 0x8

/** Compiled pipelines by their text; shared by all programs of a layer. */
export class Pipelines {
  readonly #gpu: Gpu
  readonly #device: GPUDevice
  readonly #tiled: boolean
  readonly #known = new Shared<Promise<Compiled>>((made) => {
    // What could not be made holds nothing.
    made.then(({ uniform }) => uniform?.destroy()).catch(() => undefined)
  })

  constructor(gpu: Gpu, device: GPUDevice, tiled: boolean) {
    this.#gpu = gpu
    this.#tiled = tiled
    this.#device = device
  }

  /** One for each pass, and the names of those that are to be released when the program goes. */
  async compile(
    program: GpuProgram
  ): Promise<{ readonly compiled: ReadonlyArray<Compiled>; readonly names: ReadonlySet<string> }> {
    const jobs = program.passes.map((pass) => this.#job(pass, program))
    const made = new Map<string, Promise<Compiled>>()
    for (const { name, make } of jobs) if (!made.has(name)) made.set(name, this.#known.take(name, make))
    const names = new Set(made.keys())
    try {
      return { compiled: await Promise.all(jobs.map(({ name }) => made.get(name)!)), names }
    } catch (error) {
      await Promise.allSettled(made.values())
      this.release(names)
      throw error
    }
  }

  release(names: ReadonlySet<string>): void {
    for (const name of names) this.#known.release(name)
  }

  #job(pass: Pass, program: GpuProgram): { readonly name: string; readonly make: () => Promise<Compiled> } {
    switch (pass.kind) {
      case "kernel": {
        const tile = pass.product === undefined || !this.#tiled ? null : tileFor(pass.product.kernel)
        if (pass.product !== undefined && tile !== null)
          return this.#own(gemmShader(pass.product.kernel, tile), pass.name)
        const lengths = pass.text.reads.map((slot) => program.slots[slot]!.length)
        return { name: signature(pass.text, lengths), make: () => this.#kernel(pass, lengths) }
      }
      case "draw":
        return this.#own(drawShader(pass), "uniform")
      case "fold":
        return this.#own(foldShader(pass), "foldIn")
      case "join":
        return this.#own(joinShader(pass.length), "join")
      case "convert":
        return this.#own(convertShader(program.slots[pass.to]!.form, pass.length), "convert")
    }
  }

  #own(shader: Shader, title: string): { readonly name: string; readonly make: () => Promise<Compiled> } {
    return { name: shader.source, make: () => this.#shader(shader, title) }
  }

  async #shader(shader: Shader, title: string): Promise<Compiled> {
    const device = this.#device
    const module = device.createShaderModule({ code: shader.source })
    const { messages } = await module.getCompilationInfo()
    const errors = messages.filter(({ type }) => type === "error")
    if (errors.length > 0)
      throw new Error(
        `the shader of ${title} does not compile: ${errors.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; ")}\n${shader.source}`
      )
    const pipeline = await device.createComputePipelineAsync({
      layout: "auto",
      compute: { module, entryPoint: "main" }
    })
    return {
      pipeline,
      layout: pipeline.getBindGroupLayout(0),
      uniform: null,
      groups: shader.groups
    }
  }

  async #kernel({ name, text }: KernelPass, lengths: ReadonlyArray<number>): Promise<Compiled> {
    // gpu.js makes a buffer of the output's extents while it builds; the kernel itself learns them from its parameters.
    const output = text.output.map(() => 1)
    const shortcut = this.#gpu.createKernel(text.source, { ...settings(text), output })
    const { kernel } = shortcut
    await kernel.build(...text.reads.map(() => new Float32Array(1)), ...specials(text))
    if (kernel.constructor.mode !== "webgpu" || shortcut.kernel !== kernel)
      throw new Error(`gpu.js moved kernel ${name} to ${shortcut.kernel.constructor.mode}`)
    const { groups, width } = dispatch(kernel, text, this.#device)
    const compiled: Compiled = {
      pipeline: kernel.computePipeline,
      layout: kernel.bindGroupLayout,
      uniform: this.#params(kernel, text, lengths, width),
      groups
    }
    // The pipeline lives on; the buffers that gpu.js would run the kernel with do not.
    kernel.destroy()
    return compiled
  }

  /** gpu.js's uniform block: extents of the output, the width of a folded dispatch, extents of the arrays, numbers. */
  #params({ paramsLayout }: BuiltKernel, text: KernelText, lengths: ReadonlyArray<number>, width: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: paramsLayout.byteLength, usage: uniformUsage })
    const words = new Uint32Array(paramsLayout.byteLength / 4)
    const [x = 1, y = 1, z = 1] = text.output
    words.set([x, y, z, width])
    paramsLayout.arrayArgs.forEach(({ dimsOffset }, i) => {
      const length = Math.max(1, lengths[i]!)
      words.set([length, 1, 1, length], dimsOffset / 4)
    })
    const floats = new Float32Array(words.buffer)
    paramsLayout.scalarArgs.forEach(({ offset }, i) => {
      floats[offset / 4] = specials(text)[i]!
    })
    this.#device.queue.writeBuffer(buffer, 0, words)
    return buffer
  }

  destroy(): void {
    this.#known.clear()
  }
}

/** gpu.js folds a flat dispatch over y where x alone would exceed the device's limit, and tells the kernel the width. */
const dispatch = (
  { workgroupSize }: BuiltKernel,
  { output }: KernelText,
  { limits }: GPUDevice
): { readonly groups: readonly [number, number, number]; readonly width: number } => {
  const [x = 1, y = 1, z = 1] = output.map((extent, axis) => Math.ceil(extent / workgroupSize[axis]!))
  const most = limits.maxComputeWorkgroupsPerDimension
  if (output.length > 1) return { groups: [x, y, z], width: 0 }
  const folds = Math.ceil(x / most)
  const groups = Math.ceil(x / folds)
  return { groups: [groups, folds, 1], width: groups * workgroupSize[0] }
}
