/** What it costs the host to record a pass: a run of many small ones, until it is handed to the device. */
import * as graph from "@noema/tensor/graph"
import { assemble } from "@noema/tensor/gpujs"
import { gpujsOptions, lower } from "@noema/tensor/kernel"
import { webgpuBackend } from "../../packages/tensor/src/device/gpujs/webgpu/backend.ts"
import type { GpuMemory } from "../../packages/tensor/src/device/gpujs/webgpu/memory.ts"

const passes = 200

/** A product a pass, which nothing fuses with. */
const chain = (): graph.Graph => {
  const x = graph.input("x", [4, 4], "f32")
  let y = x
  for (let pass = 0; pass < passes; pass++) y = graph.dot(y, x, [], [[1, 0]])
  return { inputs: [x], outputs: [y] }
}

/** Microseconds of host time a pass, in the fastest of some runs. */
export const overhead = async (): Promise<number> => {
  const backend = await webgpuBackend()
  const program = await backend.prepare(assemble(lower(chain(), gpujsOptions)))
  const [from, to] = [backend.allocate("f32", 16), backend.allocate("f32", 16)]
  const times: Array<number> = []
  for (let run = 0; run < 30; run++) {
    const start = performance.now()
    // Recording ends where the run first waits.
    const running = program.run([from], [to] satisfies ReadonlyArray<GpuMemory>)
    times.push(performance.now() - start)
    await running
    await backend.read(to)
  }
  program.free()
  await backend.close()
  return (Math.min(...times) / passes) * 1000
}
