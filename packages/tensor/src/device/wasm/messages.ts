import type { Program } from "./walk.ts"

/** From the main thread to a worker. */
export type ToWorker =
  | { readonly kind: "start"; readonly memory: WebAssembly.Memory; readonly thread: number }
  | { readonly kind: "load"; readonly id: number; readonly module: WebAssembly.Module; readonly program: Program }
  | { readonly kind: "unload"; readonly id: number }

/** From a worker: the one that finishes a run says so; one that fails says why. */
export type FromWorker = { readonly kind: "done" } | { readonly kind: "failed"; readonly reason: string }
