import { Device, GpuJs, Program, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { existsSync, rmSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { detectWebGpuApart } from "../../../packages/tensor/src/device/gpujs/detect-apart.ts"
import { detectMode } from "../../../packages/tensor/src/device/gpujs/detect.ts"

const printed: Array<string> = []
beforeEach(() => {
  printed.length = 0
  vi.spyOn(console, "error").mockImplementation((text: string) => void printed.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const softmaxOn = (layer: Layer.Layer<Device.Device, Device.DeviceUnavailable>) =>
  Effect.runPromise(
    Effect.scoped(Program.compute(Tensor.softmax(Tensor.fromArray([1, 2, 3]), 0))).pipe(Effect.provide(layer))
  )

describe("NOEMA_DEBUG", () => {
  it("prints nothing unless asked", async () => {
    vi.stubEnv("NOEMA_DEBUG", "")
    await softmaxOn(Wasm.layer({ threads: 1 }))
    expect(printed).toEqual([])
  })

  it("prints the graph, the kernels, the plan and the module of a program", async () => {
    vi.stubEnv("NOEMA_DEBUG", "graph|kernels,plan|source")
    await softmaxOn(Wasm.layer({ threads: 1 }))
    const [graph, kernels, plan, source] = printed
    expect(graph).toMatch(/= constant\(3\) : f32\[3\]/)
    expect(kernels).toMatch(/^0: max\+.*div\(/m)
    expect(plan).toMatch(/^peak \d+ B, arena \d+ B/)
    expect(source).toMatch(/^WebAssembly module, \d+ bytes, kept in .*\.wasm\n/)
    const file = / kept in (.*\.wasm)/.exec(source!)![1]!
    expect(existsSync(file)).toBe(true)
    rmSync(file)
  })

  it("prints the source text of kernels for gpu.js", async () => {
    vi.stubEnv("NOEMA_DEBUG", "source")
    await softmaxOn(GpuJs.layer({ mode: "cpu" }))
    expect(printed.join("\n")).toMatch(/^function \(/)
  })
})

describe("Device.layerAuto", () => {
  it("says which device it picked and why", async () => {
    const description = await Effect.runPromise(
      Effect.map(Device.Device, (device) => device.description).pipe(Effect.provide(Device.layerAuto({ threads: 1 })))
    )
    expect(description).toMatch(/^wasm.*\(no hardware adapter for WebGPU: .+\)$|^.*webgpu.*\(a hardware adapter, .+\)$/)
  })

  it("finds in a process of its own what it would find here", async () => {
    const [apart, here] = [await detectWebGpuApart(), await detectMode("webgpu")]
    expect(apart).toEqual(here)
  })
})
