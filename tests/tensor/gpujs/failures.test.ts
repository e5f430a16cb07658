/** Kernels that go wrong inside gpu.js: one that it moves to another backend is an error, not a slow success. */
import * as build from "@noema/tensor/graph"
import { assemble, type GpuProgram } from "@noema/tensor/gpujs"
import { gpujsOptions, lower } from "@noema/tensor/kernel"
import { expect, it, vi } from "vitest"
import type { Host } from "../../../packages/tensor/src/device/gpujs/backend.ts"
import { hostBackend, type HostMemory } from "../../../packages/tensor/src/device/gpujs/host.ts"
import { type Gpu, loadLibrary } from "../../../packages/tensor/src/device/gpujs/library.ts"
import { onCard } from "../../../packages/tensor/src/device/gpujs/textures.ts"

const x = build.input("x", [3], "f32")

/** A program of one kernel, with another text. */
const programOf = (source: string): GpuProgram => {
  const program = assemble(lower({ inputs: [x], outputs: [build.unary("exp", x)] }, gpujsOptions))
  const [pass] = program.passes
  if (pass?.kind !== "kernel") throw new Error("an exponential is one kernel")
  return { ...program, passes: [{ ...pass, text: { ...pass.text, source } }] }
}

const run = async (source: string, x: Host | HostMemory): Promise<ReadonlyArray<unknown>> => {
  const { GPU } = await loadLibrary()
  const backend = hostBackend(new GPU({ mode: "webasm" }), "webasm", "webasm", Infinity)
  try {
    return await (await backend.prepare(programOf(source))).run([x], [null])
  } finally {
    await backend.close()
  }
}

/** An array of pairs, which the webasm backend of gpu.js does not take and the cpu backend does. */
const pairs = {
  type: "Array1D(2)",
  size: [3, 1],
  dimensions: [3, 1, 1],
  output: [3],
  toArray: () => [],
  delete: () => {}
}
const held: HostMemory = {
  data: onCard(
    Object.assign(
      [
        [1, 1],
        [2, 2],
        [3, 3]
      ],
      pairs
    ),
    1,
    3
  )
}

it("names the kernel, where it ran and why", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {})
  expect(await run("function (a) { return a[this.thread.x] + 1; }", Float32Array.of(1, 2, 3))).toEqual([
    Float32Array.of(2, 3, 4)
  ])
  expect(warned).not.toHaveBeenCalled()
  await expect(run("function (a) { const pair = a[this.thread.x]; return pair[0] + 1; }", held)).rejects.toThrow(
    /gpu\.js ran kernel exp on cpu instead of webasm: argument "a" of type Array1D\(2\) is not supported/
  )
  warned.mockRestore()
})

it("gives textures back when a later kernel fails", async () => {
  const y = build.reduce("sum", build.unary("exp", x), [0])
  const two = assemble(lower({ inputs: [x], outputs: [build.binary("mul", y, y)] }, { ...gpujsOptions, unfused: true }))
  let calls = 0
  const freed = vi.fn()
  const texture = { type: "NumberTexture", size: [1, 1], dimensions: [3, 1, 1], output: [3], delete: freed }
  const kernel = async () => {
    if (++calls === two.passes.length) throw new Error("no memory for another texture")
    return texture
  }
  const createKernel = () => Object.assign(kernel, { kernel: { constructor: { mode: "gpu" } } })
  const backend = hostBackend({ createKernel, destroy: () => {} } as unknown as Gpu, "webgl2", "webgl2", Infinity)
  const prepared = await backend.prepare(two)
  await expect(prepared.run([Float32Array.of(1, 2, 3)], [null])).rejects.toThrow("no memory")
  expect(calls).toBe(3)
  expect(freed).toHaveBeenCalledTimes(2)
})
