/** Which modes can be used here, and why the others cannot. */
import { loadLibrary } from "./library.ts"
import { type Detected, type Mode, modes } from "./modes.ts"
import { findAdapter } from "./webgpu/adapter.ts"

/** Renderers that run on the processor. */
const softwareRenderer = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i

const isSoftware = (name: string): boolean => softwareRenderer.test(name)

const no = (mode: Mode, reason: string): Detected => ({ mode, available: false, reason, software: false })

const yes = (mode: Mode, reason: string, software = false): Detected => ({ mode, available: true, reason, software })

const webgl2 = (): Detected => {
  if (typeof OffscreenCanvas === "undefined" && typeof document === "undefined")
    return no("webgl2", "there is no canvas: webgl2 needs a browser")
  const canvas = typeof OffscreenCanvas === "undefined" ? document.createElement("canvas") : new OffscreenCanvas(1, 1)
  const context = canvas.getContext("webgl2") as WebGL2RenderingContext | null
  if (context === null) return no("webgl2", "the browser gives no webgl2 context")
  if (context.getExtension("EXT_color_buffer_float") === null)
    return no("webgl2", "the graphics adapter cannot write float textures")
  const unmasked = context.getExtension("WEBGL_debug_renderer_info")
  const renderer = String(context.getParameter(unmasked?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER))
  context.getExtension("WEBGL_lose_context")?.loseContext()
  return yes("webgl2", renderer, isSoftware(renderer))
}

/** Named apart so that bundlers for the browser leave it alone. */
const glPackage = "gl"

const unloadable = (message: string): string => {
  if (message.includes("Cannot find package")) return "the optional package gl is not installed"
  if (message.includes("bindings file")) return "the optional package gl is there, but its native part is not built"
  return message.includes("NODE_MODULE_VERSION")
    ? "the optional package gl is built for another version of Node"
    : `the optional package gl cannot be loaded (${message.split("\n")[0]})`
}

const headlessgl = async (): Promise<Detected> => {
  if (typeof document !== "undefined") return no("headlessgl", "headlessgl is for Node; in a browser use webgl2")
  try {
    await import(glPackage)
  } catch (error) {
    return no("headlessgl", unloadable(error instanceof Error ? error.message : String(error)))
  }
  // Some builds end the process when they are asked for a context where there is no X server.
  const { DISPLAY } = process.env
  if (process.platform === "linux" && (DISPLAY ?? "") === "")
    return no("headlessgl", "there is no X display: set DISPLAY, or run under xvfb-run")
  const { GPU } = await loadLibrary()
  return GPU.isHeadlessGLSupported
    ? yes("headlessgl", `the gl package${DISPLAY === undefined ? "" : ` on display ${DISPLAY}`}`)
    : no("headlessgl", `the gl package gets no context${DISPLAY === undefined ? "" : ` on display ${DISPLAY}`}`)
}

/** Whether one mode can be used, and on what. Never fails: what goes wrong in looking is the reason. */
export const detectMode = (mode: Mode): Promise<Detected> =>
  look(mode).catch((error: unknown) => no(mode, error instanceof Error ? error.message : String(error)))

const look = async (mode: Mode): Promise<Detected> => {
  switch (mode) {
    case "cpu":
      return yes("cpu", "plain JavaScript")
    case "webasm":
      return typeof WebAssembly === "object" ? yes("webasm", "WebAssembly") : no("webasm", "there is no WebAssembly")
    case "webgl2":
      return webgl2()
    case "headlessgl":
      return headlessgl()
    case "webgpu": {
      const found = await findAdapter()
      return "reason" in found
        ? no("webgpu", found.reason)
        : yes("webgpu", found.name, found.adapter.info.isFallbackAdapter === true || isSoftware(found.name))
    }
  }
}

/**
 * Every mode of gpu.js, the fastest first, each with the adapter or engine that would run it or the reason why it cannot
 * be used here.
 *
 * @example
 * const modes = yield* Effect.promise(GpuJs.detect)
 * modes.find(({ mode }) => mode === "cpu")
 * // => { mode: "cpu", available: true, reason: "plain JavaScript", software: false }
 */
export const detect = (): Promise<ReadonlyArray<Detected>> => Promise.all(modes.map(detectMode))
