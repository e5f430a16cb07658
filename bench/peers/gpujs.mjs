// gpu.js by itself, in the mode given as argument: one kernel a case, one result a thread.
import gpujs from "gpu.js"
import { fill, meanAbs } from "../harness/cases.ts"
import { Refused, serve } from "../harness/serve.ts"

const { GPU, input } = gpujs
const mode = process.argv[2] ?? "webasm"
const gpu = new GPU({ mode })

const settings = (output, most = 1) => ({ output, loopMaxIterations: most, precision: "single" })

const gemm = ({ batch, m, n, k, transposeA, transposeB }) => {
  const a = transposeA ? "a[this.thread.z][l][this.thread.y]" : "a[this.thread.z][this.thread.y][l]"
  const b = transposeB ? "b[this.thread.z][this.thread.x][l]" : "b[this.thread.z][l][this.thread.x]"
  const source = `function (a, b) { let s = 0; for (let l = 0; l < ${k}; l++) { s += ${a} * ${b}; } return s; }`
  const kernel = gpu.createKernel(source, settings([n, m, batch], k))
  const left = input(fill(batch * m * k, 0), transposeA ? [m, k, batch] : [k, m, batch])
  const right = input(fill(batch * k * n, 1), transposeB ? [k, n, batch] : [n, k, batch])
  return { kernel, args: [left, right] }
}

const elementwise = {
  gelu: "0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)))",
  silu: "v / (1 + Math.exp(-v))"
}

const flat = (result) =>
  typeof result[0] === "number" ? result : Float32Array.from([...result].flatMap((part) => [...flat(part)]))

await serve(`gpu.js ${mode}`, async (c) => {
  let made
  if (c.kind === "gemm") made = gemm(c)
  else if (c.kind === "gelu" || c.kind === "silu") {
    const source = `function (x) { const v = x[this.thread.x]; return ${elementwise[c.kind]}; }`
    made = { kernel: gpu.createKernel(source, settings([c.length])), args: [fill(c.length, 0, 8)] }
  } else throw new Refused(`not written for gpu.js: ${c.kind}`)
  const run = () => made.kernel(...made.args)
  return { run, meanAbs: meanAbs(flat(await run())), dispose: () => made.kernel.destroy() }
})
