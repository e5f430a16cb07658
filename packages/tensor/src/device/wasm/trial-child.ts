/** Run as a process by `trial.ts`: prints `works` if the revectorize tier gives fma's numbers, and faster. */
import { setFlagsFromString } from "node:v8"
import { ModuleBuilder } from "../../emit/wasm/assembler.ts"
import { GemmHelpers } from "../../emit/wasm/gemm-helpers.ts"
import { emitGemm } from "../../emit/wasm/gemm.ts"
import type { Tier } from "../../emit/wasm/tier.ts"
import { revectorizeFlag } from "./engine.ts"

const size = 192
const cells = size * size
const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 })
const numbers = new Float32Array(memory.buffer)
const scratch = 16 * cells

const operand = (buffer: number) => ({ buffer, offset: 0, batch: [], rows: size, columns: 1 })

const multiplication = (tier: Tier): (() => void) => {
  const module = new ModuleBuilder({ shared: false })
  const { extent } = emitGemm(
    new GemmHelpers(module, tier),
    "multiply",
    {
      kind: "gemm",
      batch: [],
      m: size,
      n: size,
      k: size,
      a: operand(0),
      b: operand(1),
      exprs: [{ op: "product", dtype: "f32" }],
      stores: [{ buffer: 2, at: { offset: 0, strides: [size, 1] }, value: 0, row: true }]
    },
    3,
    () => undefined
  )
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } })
  const multiply = exports["multiply"] as (...args: ReadonlyArray<number>) => void
  return () => multiply(0, 4 * cells, 8 * cells, scratch, 0, extent)
}

const fill = (): void => {
  for (let i = 0; i < 2 * cells; i++) numbers[i] = Math.sin(i * 0.7) * (1 + (i % 13))
}

const time = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

/** Best of several, after the engine has had time to optimise; interleaved, so that both see the same machine. */
const compare = async (a: () => void, b: () => void): Promise<number> => {
  for (let i = 0; i < 30; i++) {
    a()
    b()
    await new Promise((resolve) => setTimeout(resolve, i < 10 ? 5 : 0))
  }
  let [bestA, bestB] = [Infinity, Infinity]
  for (let i = 0; i < 30; i++) {
    bestA = Math.min(bestA, time(a))
    bestB = Math.min(bestB, time(b))
  }
  return bestA / bestB
}

setFlagsFromString(revectorizeFlag)
const narrow = multiplication("fma")
const wide = multiplication("revectorize")
fill()
const ratio = await compare(narrow, wide)
narrow()
const expected = numbers.slice(2 * cells, 3 * cells)
numbers.fill(NaN, 2 * cells, 3 * cells)
wide()
const same = expected.every((x, i) => Object.is(x, numbers[2 * cells + i]))
process.stdout.write(same && ratio > 1.2 ? "works" : `${same ? "same" : "different"} numbers, ${ratio} times as fast`)
