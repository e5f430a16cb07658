/** The devices of this machine, at every tier and with one thread and two. */
import { type Device, GpuJs, Reference } from "@noema/tensor"
import type * as Layer from "effect/Layer"
import { everythingDivided, shadingOnProcessor, wasmAt } from "../tensor/matrix/tiers.ts"
import type { Family } from "./oracle/margin.ts"

export interface FuzzDevice {
  readonly name: string
  readonly layer: Layer.Layer<Device.Device, Device.DeviceUnavailable>
  readonly family: Family
  /** i32 is held as 32-bit floats, exact up to 2^24. */
  readonly floatsOnly: boolean
  /** Programs are tried on it one in so many: some devices are slow. */
  readonly oneIn: number
  /** Used where it is asked for by name: it changes the process it runs in. */
  readonly asked?: boolean
  /** It has no checked mode: a device of tests. */
  readonly unchecked?: boolean
}

const wasm = (name: string, layer: FuzzDevice["layer"], oneIn = 1): FuzzDevice => ({
  name,
  layer,
  family: "processor",
  floatsOnly: false,
  oneIn
})

const gpujs = (mode: GpuJs.Mode, options: Partial<GpuJs.GpuJsOptions>, oneIn: number, suffix = ""): FuzzDevice => ({
  name: `gpujs-${mode}${suffix}`,
  layer: GpuJs.layer({ mode, software: true, ...options }),
  family: mode === "cpu" || mode === "webasm" ? "processor" : "graphics",
  floatsOnly: true,
  oneIn
})

/** Four elements a thread wherever that can be, however few there are. */
const blocking = { threads: 1, row: 1 }

const all: ReadonlyArray<FuzzDevice> = [
  wasm("reference", Reference.layer, 4),
  wasm("wasm-simd128", wasmAt("simd128", 1)),
  wasm("wasm-fma", wasmAt("fma", 1)),
  wasm("wasm-simd128-2", wasmAt("simd128", 2, everythingDivided), 2),
  wasm("wasm-fma-2", wasmAt("fma", 2, everythingDivided), 2),
  { ...wasm("wasm-revectorize", wasmAt("revectorize", 1)), asked: true },
  { ...wasm("wasm-revectorize-2", wasmAt("revectorize", 2, everythingDivided)), asked: true },
  gpujs("cpu", {}, 1),
  gpujs("cpu", { blocking }, 2, "-blocked"),
  gpujs("webasm", {}, 4),
  { ...gpujs("webasm", {}, 4, "-shading"), layer: shadingOnProcessor },
  gpujs("webgpu", { blocking }, 4),
  gpujs("headlessgl", {}, 4)
]

/** All there may be. */
export const names: ReadonlyArray<string> = all.map(({ name }) => name)

/** Why a mode of gpu.js cannot be used here, by the name of its devices. */
const missing = async (): Promise<ReadonlyMap<string, string>> => {
  const detected = await GpuJs.detect()
  return new Map(detected.flatMap(({ available, mode, reason }) => (available ? [] : [[`gpujs-${mode}`, reason]])))
}

export interface Choice {
  readonly devices: ReadonlyArray<FuzzDevice>
  /** Devices that are not here, each with the reason. */
  readonly absent: ReadonlyArray<string>
}

/** The devices of these names, which may be the beginnings of names; every one of this machine unless told. */
export const chosen = async (starts: ReadonlyArray<string> = []): Promise<Choice> => {
  const reasons = await missing()
  const wanted = all.filter(({ asked, name }) =>
    starts.length === 0 ? asked !== true : starts.some((start) => name.startsWith(start))
  )
  return {
    devices: wanted.filter(({ name }) => !reasons.has(name)),
    absent: wanted.flatMap(({ name }) => (reasons.has(name) ? [`${name} (${reasons.get(name)})`] : []))
  }
}
