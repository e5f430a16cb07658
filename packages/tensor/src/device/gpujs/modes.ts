/** The modes of gpu.js that programs can run in. */
import type { Arithmetic, Blocking } from "../../emit/gpujs/index.ts"

/** Where gpu.js runs kernels: a graphics card by one of three ways, WebAssembly, or plain JavaScript. */
export type Mode = "cpu" | "webasm" | "webgpu" | "webgl2" | "headlessgl"

/**
 * The modes of gpu.js, the fastest first.
 *
 * @example
 * GpuJs.modes // => ["webgpu", "webgl2", "headlessgl", "webasm", "cpu"]
 */
export const modes: ReadonlyArray<Mode> = ["webgpu", "webgl2", "headlessgl", "webasm", "cpu"]

/** Where kernels compute four elements a thread, as measured: gpu.js takes vectors apart slowly on the host. */
export const blockings: Readonly<Record<Mode, Blocking>> = {
  cpu: { threads: 1, row: 64 },
  webasm: { threads: 1, row: 64 },
  webgpu: { threads: 1024, row: 1 },
  webgl2: { threads: 1, row: 1 },
  headlessgl: { threads: 1, row: 1 }
}

/** What kernels compute in. */
export const arithmetics: Readonly<Record<Mode, Arithmetic>> = {
  cpu: "double",
  webasm: "single",
  webgpu: "shading",
  webgl2: "shading",
  headlessgl: "shading"
}

/** Whether a mode can be used here. */
export interface Detected {
  readonly mode: Mode
  readonly available: boolean
  /** The adapter or engine that would run it, or why it cannot be used, in one sentence. */
  readonly reason: string
  /** Whether the graphics adapter is emulated by the processor: used only when asked for. */
  readonly software: boolean
}
