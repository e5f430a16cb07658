/** What share of a step each family of kernels takes: every kernel timed by itself, on this thread. */
import { Tensor } from "@noema/tensor"
import { emitModule } from "@noema/tensor/emit"
import { type Graph, input, type Node } from "@noema/tensor/graph"
import { type Kernel, lower, wasmOptions } from "@noema/tensor/kernel"
import { putTogether, takeApart } from "@noema/tensor/tree"
import type { StepCase } from "../harness/cases.ts"
import { trainingStep } from "./training.ts"

type Tier = Parameters<typeof emitModule>[1]["tier"]

interface Timed {
  readonly name: string
  readonly family: string
  readonly times: number
  /** Fastest of all rounds, of all steps of this kernel together. */
  readonly milliseconds: number
  readonly kernel: Kernel
}

export const timeKernels = async (graph: Graph, rounds: number, tier: Tier = "fma"): Promise<ReadonlyArray<Timed>> => {
  const schedule = lower(graph, wasmOptions)
  const { bytes, kernels } = emitModule(schedule.steps, { tier, shared: false })
  const aligned = (size: number): number => Math.ceil(size / 64) * 64
  let end = 64
  const addresses = schedule.buffers.map(({ length }) => {
    const at = end
    end += aligned(4 * length)
    return at
  })
  const scratch = end
  const scratchBytes = Math.max(0, ...[...kernels.values()].map((kernel) => kernel.scratchBytes))
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((scratch + scratchBytes + 65536) / 65536),
    maximum: 65536
  })
  const floats = new Float32Array(memory.buffer)
  for (const { id, role, data, length, dtype } of schedule.buffers) {
    if (data !== undefined) (dtype === "f32" ? floats : new Int32Array(memory.buffer)).set(data, addresses[id]! / 4)
    else if (role === "input" && dtype === "f32")
      for (let i = 0; i < length; i++) floats[addresses[id]! / 4 + i] = ((i * 7919) % 10007) / 10007e1
  }
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
  const best = schedule.steps.map(() => Infinity)
  for (let round = 0; round < rounds; round++)
    schedule.steps.forEach(({ args, signature }, i) => {
      const { name, extent } = kernels.get(signature)!
      const run = instance.exports[name] as (...args: ReadonlyArray<number>) => void
      const start = performance.now()
      run(...args.map((buffer) => addresses[buffer]!), scratch, 0, extent)
      best[i] = Math.min(best[i]!, performance.now() - start)
    })
  const timed = new Map<string, Timed>()
  schedule.steps.forEach(({ name, kernel, signature }, i) => {
    const before = timed.get(signature) ?? { name, family: familyOf(kernel), times: 0, milliseconds: 0, kernel }
    timed.set(signature, { ...before, times: before.times + 1, milliseconds: before.milliseconds + best[i]! })
  })
  return [...timed.values()].toSorted((a, b) => b.milliseconds - a.milliseconds)
}

const familyOf = (kernel: Kernel): string => {
  switch (kernel.kind) {
    case "gemm":
      return kernel.batch.length > 0 ? "attention products" : "products"
    case "loop":
      return kernel.row.length > 0 ? "rows" : "elementwise"
    default:
      return kernel.kind
  }
}

/** The step as a graph over its state and tokens. */
export const stepGraph = (c: StepCase): Graph => {
  const { first, step } = trainingStep(c)
  const { structure, leaves, paths } = takeApart(first, Tensor.isTensor, "state")
  const inputs = leaves.map((leaf, i) => input(paths[i]!, leaf.sizes, leaf.dtype))
  const [x, y] = ["x", "y"].map((name) => input(name, [c.batch * c.seq], "i32")) as [Node, Node]
  const state = putTogether(structure, (i) => Tensor.fromNode(inputs[i]!, leaves[i]!.shape)) as typeof first
  const outputs = takeApart(step(state, Tensor.fromNode(x), Tensor.fromNode(y)), Tensor.isTensor, "").leaves
  return { inputs: [...inputs, x, y], outputs: outputs.map((tensor) => tensor.node) }
}

/** A sentence on the families, and one on the longest kernels. */
export const shares = async (c: StepCase, rounds: number): Promise<ReadonlyArray<string>> => {
  const timed = await timeKernels(stepGraph(c), rounds)
  const total = timed.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const percent = (milliseconds: number): string => `${((100 * milliseconds) / total).toFixed(1)}%`
  const families = new Map<string, number>()
  for (const { family, milliseconds } of timed) families.set(family, (families.get(family) ?? 0) + milliseconds)
  const sorted = [...families].toSorted(([, a], [, b]) => b - a)
  return [
    `Shares of the step at d = ${c.d}, every kernel timed by itself at the FMA tier: ` +
      `${sorted.map(([family, milliseconds]) => `${family} ${percent(milliseconds)}`).join(", ")}; ` +
      `${timed.reduce((sum, { times }) => sum + times, 0)} kernels run, ${timed.length} of them different.`,
    `The longest: ${timed
      .slice(0, 8)
      .map(({ name, times, milliseconds, kernel }) => `${times} x ${name} ${sizesOf(kernel)} ${percent(milliseconds)}`)
      .join(", ")}.`
  ]
}

const sizesOf = (kernel: Kernel): string => {
  if (kernel.kind === "gemm") return `${[...kernel.batch, ""].join(" x ")}${kernel.m}x${kernel.n}x${kernel.k}`
  return kernel.kind === "loop" ? `[${[...kernel.axes, ...kernel.row].join(",")}]` : ""
}
