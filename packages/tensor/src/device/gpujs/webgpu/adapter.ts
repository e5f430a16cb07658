/** Finding a WebGPU adapter: the browser's own, or in Node that of the optional `webgpu` package. */

export type Found = { readonly adapter: GPUAdapter; readonly name: string } | { readonly reason: string }

/** The `webgpu` package: Dawn with a Node binding. */
interface Dawn {
  readonly create: (flags: ReadonlyArray<string>) => GPU
  readonly globals: Record<string, unknown>
}

/** Named apart so that bundlers for the browser leave it alone. */
const dawnPackage = "webgpu"

const inNode = (): boolean => typeof process === "object" && typeof process.versions?.node === "string"

/** `navigator.gpu`, put there first in Node. Returns why it cannot be had otherwise. */
const entry = async (): Promise<GPU | { readonly reason: string }> => {
  if (typeof navigator === "object" && navigator.gpu !== undefined) return navigator.gpu
  if (!inNode()) return { reason: "this browser has no navigator.gpu (WebGPU is off or the page is not secure)" }
  let dawn: Dawn
  try {
    dawn = (await import(dawnPackage)) as Dawn
  } catch (error) {
    const text = error instanceof Error ? error.message.split("\n")[0]! : String(error)
    if (text.includes("Cannot find package")) return { reason: "the optional package webgpu is not installed" }
    return { reason: `the optional package webgpu cannot be loaded (${text})` }
  }
  Object.assign(globalThis, dawn.globals)
  const gpu = dawn.create([])
  if (typeof navigator === "undefined")
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true })
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true })
  return gpu
}

export const findAdapter = async (): Promise<Found> => {
  const gpu = await entry()
  if ("reason" in gpu) return gpu
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" })
  if (adapter === null) return { reason: "WebGPU is there but finds no graphics adapter" }
  const { architecture, description, device, vendor } = adapter.info
  const name = [vendor, architecture, device, description].filter((part) => part !== "").join(" ")
  return { adapter, name: name === "" ? "an adapter that does not tell its name" : name }
}
