/** Kernels emitted to WebAssembly and run on this thread. */
import type { Step } from "@noema/tensor/kernel"
import { emitModule } from "../../../packages/tensor/src/emit/wasm/index.ts"
import type { Tier } from "../../../packages/tensor/src/emit/wasm/tier.ts"

export type Words = Float32Array | Int32Array

export type Kernel = Step["kernel"]

/** How 0..extent is divided among calls: cut points. */
export type Division = (extent: number) => ReadonlyArray<number>

export const whole: Division = (extent) => [0, extent]

/**
 * Runs a kernel on copies of its parameters and returns what they hold afterwards. Memory around the buffers and after
 * the scratch memory is filled with NaN and checked.
 */
export const runWasm = (
  kernel: Kernel,
  params: ReadonlyArray<Words>,
  tier: Tier = "fma",
  division: Division = whole,
  sameMemory: ReadonlyArray<number> = params.map((_, i) => i)
): ReadonlyArray<Words> => {
  const step = { kernel, args: params.map((_, i) => i), signature: "only" }
  const { bytes, kernels } = emitModule([step], { tier, shared: false })
  const { name, extent, scratchBytes } = kernels.get("only")!
  const guard = 64
  const addresses: Array<number> = []
  let top = guard
  params.forEach((words, i) => {
    if (sameMemory[i] !== i) {
      addresses.push(addresses[sameMemory[i]!]!)
      return
    }
    addresses.push(top)
    top += 4 * words.length + guard
  })
  const scratch = Math.ceil(top / 16) * 16
  const behind = scratch + Math.ceil(scratchBytes / 4) * 4
  const memory = new WebAssembly.Memory({ initial: Math.ceil((behind + guard) / 65536) })
  const bits = new Int32Array(memory.buffer, 0, (behind + guard) / 4).fill(0x7fc12345)
  params.forEach((words, i) => {
    if (sameMemory[i] === i) bits.set(new Int32Array(words.buffer, words.byteOffset, words.length), addresses[i]! / 4)
  })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  const call = instance.exports[name] as (...args: ReadonlyArray<number>) => void
  const cuts = division(extent)
  cuts.slice(1).forEach((end, i) => call(...addresses, scratch, cuts[i]!, end))
  const results = params.map((words, i) => {
    const copy = bits.slice(addresses[i]! / 4, addresses[i]! / 4 + words.length)
    return words instanceof Float32Array ? new Float32Array(copy.buffer) : copy
  })
  params.forEach((words, i) => {
    if (sameMemory[i] === i) bits.fill(0x7fc12345, addresses[i]! / 4, addresses[i]! / 4 + words.length)
  })
  bits.fill(0x7fc12345, scratch / 4, behind / 4)
  const stray = bits.findIndex((word) => word !== 0x7fc12345)
  if (stray >= 0) throw new Error(`the kernel wrote outside its memory, at byte ${4 * stray}`)
  return results
}

export const bitsOf = (words: Words): ReadonlyArray<number> =>
  Array.from(new Int32Array(words.buffer, words.byteOffset, words.length))
