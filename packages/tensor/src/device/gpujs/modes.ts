/** The modes of gpu.js that programs can run in. */

export type Mode = "cpu" | "webasm" | "webgpu" | "webgl2" | "headlessgl"

export const modes: ReadonlyArray<Mode> = ["webgpu", "webgl2", "headlessgl", "webasm", "cpu"]

/** Whether a mode can be used here. */
export interface Detected {
  readonly mode: Mode
  readonly available: boolean
  /** The adapter or engine that would run it, or why it cannot be used, in one sentence. */
  readonly reason: string
  /** Whether the graphics adapter is emulated by the processor: used only when asked for. */
  readonly software: boolean
}
