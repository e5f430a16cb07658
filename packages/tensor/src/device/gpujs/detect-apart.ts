/**
 * Looking for a graphics adapter in a process of its own: a driver that crashes does so there, and what drivers write to
 * the terminal when they find no card is not seen. In a browser it is looked for directly.
 */
import { detectMode } from "./detect.ts"
import type { Detected } from "./modes.ts"

const patience = 20_000

/**
 * Whether WebGPU can be used, and on what, as seen by a process of its own; never fails.
 *
 * @example
 * const { mode } = yield* Effect.promise(GpuJs.detectWebGpuApart)
 * mode // => "webgpu"
 */
export const detectWebGpuApart = (): Promise<Detected> => {
  const node = globalThis.process?.getBuiltinModule
  if (node === undefined) return detectMode("webgpu")
  const url = new URL(`./detect-child${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)
  return new Promise((resolve) => {
    node("node:child_process").execFile(
      process.execPath,
      ["--no-warnings", node("node:url").fileURLToPath(url)],
      { timeout: patience, env: { ...process.env, NODE_OPTIONS: "" } },
      (error, output) => {
        try {
          resolve(JSON.parse(output) as Detected)
        } catch {
          const how = error?.signal ?? error?.code ?? "no answer"
          resolve({
            mode: "webgpu",
            available: false,
            reason: `the process that looked for an adapter ended with ${how}`,
            software: false
          })
        }
      }
    )
  })
}
