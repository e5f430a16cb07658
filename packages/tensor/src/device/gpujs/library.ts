/** gpu.js as far as it is used here. Loaded when a layer is built, so that importing the package stays light. */

export interface KernelSettings {
  readonly output: ReadonlyArray<number>
  readonly functions: ReadonlyArray<{ readonly source: string; readonly settings: object }>
  readonly argumentTypes: ReadonlyArray<string>
  readonly loopMaxIterations: number
  readonly precision: "single"
  /** The result is a handle that stays on the device, a new one for each call. */
  readonly pipeline?: boolean
  readonly immutable?: boolean
}

/** A kernel after `build` in webgpu mode. */
export interface BuiltKernel {
  readonly constructor: { readonly mode: string }
  readonly context: { readonly device: GPUDevice }
  readonly computePipeline: GPUComputePipeline
  readonly bindGroupLayout: GPUBindGroupLayout
  readonly paramsLayout: {
    readonly byteLength: number
    readonly arrayArgs: ReadonlyArray<{ readonly dimsOffset: number }>
    readonly scalarArgs: ReadonlyArray<{ readonly offset: number }>
  }
  readonly workgroupSize: readonly [number, number, number]
  readonly fallbackReason?: string | null
  build(...args: ReadonlyArray<unknown>): Promise<void> | undefined
  destroy(): void
}

export interface KernelShortcut {
  (...args: ReadonlyArray<unknown>): unknown
  readonly kernel: BuiltKernel
}

export interface Gpu {
  /** Every kernel that was created and not destroyed. */
  readonly kernels: Array<BuiltKernel>
  createKernel(source: string, settings: KernelSettings): KernelShortcut
  destroy(): Promise<void> | void
}

export interface Library {
  readonly GPU: {
    new (settings: { readonly mode: string }): Gpu
    readonly isHeadlessGLSupported: boolean
  }
}

/** Lets go of a kernel, of which gpu.js would hold on to some. */
export const destroyKernel = (gpu: Gpu, { kernel }: KernelShortcut): void => {
  kernel.destroy()
  const at = gpu.kernels.indexOf(kernel)
  if (at >= 0) gpu.kernels.splice(at, 1)
}

/** Loads gpu.js, which the published package has as a file of its own, whether it comes as a CommonJS module or as a script that a page's import map wraps. */
export const loadLibrary = async (): Promise<Library> => {
  const loaded = (await import("#gpu.js")) as unknown as { readonly default?: Library } & Library
  return loaded.GPU === undefined && loaded.default !== undefined ? loaded.default : loaded
}
