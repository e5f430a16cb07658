/** Products and the training step through gpu.js beside jax-js, wherever the scripts of the contenders lie. */
import { detect } from "@noema/tensor/gpujs"
import { gemmFlops, gemmLabel, type GemmCase, type StepCase } from "../harness/cases.ts"
import { type Candidate, interleave, roundsFor, speedup, type Summary } from "../harness/measure.ts"
import type { BenchOutcome, Row } from "../harness/module.ts"
import { type Absent, isAbsent, type MeasuredProcess } from "../harness/process.ts"
import { peak } from "./peak.ts"

export type Script = "ours" | "jaxjs"

export type Start = (
  name: string,
  script: Script,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
) => Promise<MeasuredProcess | Absent>

const product = (m: number, n: number, k: number, layout: "" | "A^T" | "B^T" = "", batch = 1): GemmCase => ({
  kind: "gemm",
  batch,
  m,
  n,
  k,
  transposeA: layout === "A^T",
  transposeB: layout === "B^T"
})

const step = (d: number, layers: number, heads: number, ff: number, batch: number, seq: number): StepCase => ({
  kind: "step",
  d,
  layers,
  heads,
  ff,
  vocab: 64,
  batch,
  seq
})

/** For a graphics card: squares, and the products of the step that follows. */
const cardProducts: ReadonlyArray<GemmCase> = [
  product(512, 512, 512),
  product(1024, 1024, 1024),
  product(2048, 2048, 2048),
  product(4096, 4096, 4096),
  product(3072, 1536, 512),
  product(3072, 512, 1408, "B^T"),
  product(512, 2816, 3072, "A^T"),
  product(48, 48, 64, "B^T", 512)
]
const cardStep = step(512, 8, 8, 1408, 64, 48)

/** For an emulated adapter: enough to see that everything runs, and the ratio to the plain kernel. */
const smallProducts: ReadonlyArray<GemmCase> = [product(128, 128, 128), product(256, 256, 256)]
const smallStep = step(32, 1, 2, 64, 2, 16)

interface Contender {
  readonly key: string
  readonly script: Script
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
}

const contenders: ReadonlyArray<Contender> = [
  { key: "tiled", script: "ours", args: [], env: { BENCH_MODE: "webgpu" } },
  { key: "plain", script: "ours", args: [], env: { BENCH_MODE: "webgpu", BENCH_TILED: "0" } },
  { key: "jax-js", script: "jaxjs", args: ["webgpu"], env: {} }
]

export interface ContestOptions {
  readonly quick: boolean
  /** Runs per timed call of a product. */
  readonly repeat: number
}

export const contest = async (start: Start, { quick, repeat }: ContestOptions): Promise<BenchOutcome> => {
  const notes: Array<string> = []
  const webgpu = (await detect()).find(({ mode }) => mode === "webgpu")!
  if (!webgpu.available) return { rows: [], notes: [`No WebGPU adapter, nothing measured: ${webgpu.reason}.`] }
  const emulated = webgpu.software
  notes.push(
    emulated
      ? `The adapter is emulated by the processor (${webgpu.reason}): only correctness and the ratio to the plain kernel count. No graphics card was available.`
      : `Adapter: ${webgpu.reason}.`,
    "GF: billions of floating-point operations a second, the fastest call of all rounds; arguments and results stay on the device.",
    "plain: gpu.js's own kernel of the product, one thread an element. x: how many times faster the tiled kernel (or our step) is, median over interleaved rounds of the ratio of fastest calls."
  )
  const most = await peak(emulated ? 4 : 4096)
  if (most !== null)
    notes.push(`Measured f32 peak of the adapter (independent fused multiply-adds): ${most.toFixed(0)} GF.`)
  const runs = emulated ? 1 : repeat
  const started: Array<{ readonly key: string; readonly process: MeasuredProcess }> = []
  for (const { args, env, key, script } of contenders) {
    const process = await start(key, script, args, { ...env, BENCH_REPEAT: String(runs) })
    if (isAbsent(process)) notes.push(`${key} is absent: ${process.absent}`)
    else {
      started.push({ key, process })
      notes.push(`${key}: ${process.version}`)
    }
  }
  const rows: Array<Row> = []
  const small = emulated || quick
  try {
    for (const c of [...(small ? smallProducts : cardProducts), small ? smallStep : cardStep]) {
      const label = c.kind === "gemm" ? gemmLabel(c) : `training step, d = ${c.d}, ${c.layers} layers`
      const candidates: Array<Candidate> = []
      let expected: number | null = null
      for (const { key, process } of started) {
        const prepared = await process.prepare(c)
        if (isAbsent(prepared)) {
          notes.push(`${label}, ${key}: ${prepared.absent}`)
          continue
        }
        expected ??= prepared.meanAbs
        if (Math.abs(prepared.meanAbs / expected - 1) > 1e-3)
          notes.push(`${label}: ${key} computes something else, ${prepared.meanAbs} and not ${expected}`)
        candidates.push({ ...prepared, name: key })
      }
      if (candidates.length > 0) rows.push(row(label, c, await interleave(candidates, roundsFor(small)), runs, most))
    }
  } finally {
    for (const { process } of started) process.close()
  }
  return { rows, notes }
}

const row = (
  label: string,
  c: GemmCase | StepCase,
  summaries: ReadonlyArray<Summary>,
  runs: number,
  most: number | null
): Row => {
  const of = (key: string): Summary | undefined => summaries.find(({ name }) => name === key)
  const time = (key: string): number | null => {
    const summary = of(key)
    return summary === undefined ? null : summary.best / (c.kind === "gemm" ? runs : 1)
  }
  const speed = (key: string): number | string => {
    const ms = time(key)
    return ms === null || c.kind !== "gemm" ? "-" : gemmFlops(c) / ms / 1e6
  }
  const ratio = (other: string): number | string => {
    const [a, b] = [of("tiled"), of(other)]
    return a === undefined || b === undefined ? "-" : speedup(a, b)
  }
  const tiled = speed("tiled")
  return {
    case: label,
    ms: time("tiled") ?? "-",
    "jax-js ms": time("jax-js") ?? "-",
    "tiled GF": tiled,
    "plain GF": speed("plain"),
    "jax-js GF": speed("jax-js"),
    "x plain": ratio("plain"),
    "x jax-js": ratio("jax-js"),
    "of peak": typeof tiled === "number" && most !== null ? tiled / most : "-"
  }
}
