/** What the adapter can do at most: independent chains of fused multiply-adds, nothing read, nothing else written. */
import { detect } from "@noema/tensor/gpujs"

const chains = 16
const turns = 4096

const source = (): string => {
  const each = (line: (i: number) => string): string => Array.from({ length: chains }, (_, i) => line(i)).join("\n")
  return `@group(0) @binding(0) var<storage, read_write> result : array<vec4<f32>>;
@compute @workgroup_size(256) fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let x = vec4<f32>(f32(id.x & 7u) * 0.25);
${each((i) => `  var c${i} = x + ${i}.0;`)}
  for (var turn = 0; turn < ${turns}; turn++) {
${each((i) => `    c${i} = fma(c${i}, vec4<f32>(0.5), x);`)}
  }
  result[id.x] = ${Array.from({ length: chains }, (_, i) => `c${i}`).join(" + ")};
}`
}

/** Billions of f32 operations a second, the best of a few rounds; null without an adapter. */
export const peak = async (workgroups: number): Promise<number | null> => {
  await detect()
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" })
  if (adapter === null || adapter === undefined) return null
  const device = await adapter.requestDevice()
  const module = device.createShaderModule({ code: source() })
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } })
  const buffer = device.createBuffer({ size: workgroups * 256 * 16, usage: 0x80 })
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }]
  })
  const run = async (): Promise<number> => {
    const start = performance.now()
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, bindGroup)
    pass.dispatchWorkgroups(workgroups)
    pass.end()
    device.queue.submit([encoder.finish()])
    await device.queue.onSubmittedWorkDone()
    return performance.now() - start
  }
  const times: Array<number> = []
  for (let round = 0; round < 6; round++) times.push(await run())
  device.destroy()
  return (workgroups * 256 * chains * 4 * turns * 2) / Math.min(...times) / 1e6
}
