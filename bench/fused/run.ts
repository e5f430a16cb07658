/** Fused kernels: our tiers against TensorFlow.js, ONNX Runtime and loops written by hand. */
import { behind } from "../harness/behind.ts"
import { interleave, roundsFor, speedup } from "../harness/measure.ts"
import type { Candidate, Summary } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { startPeer } from "../harness/peers.ts"
import { isAbsent, nodeProcess } from "../harness/process.ts"
import type { Absent, MeasuredProcess } from "../harness/process.ts"
import type { FusedCase } from "./graphs.ts"

export const name = "fused"

const cases: ReadonlyArray<FusedCase> = [
  { kind: "softmax", rows: 12288, columns: 48 },
  { kind: "rmsnorm", rows: 3072, columns: 128 },
  { kind: "gelu", length: 3072 * 352 },
  { kind: "exact gelu", length: 3072 * 352 },
  { kind: "silu", length: 3072 * 352 },
  { kind: "adamw", length: 820352 }
]

const quickCases: ReadonlyArray<FusedCase> = [
  { kind: "softmax", rows: 256, columns: 48 },
  { kind: "rmsnorm", rows: 64, columns: 128 },
  { kind: "gelu", length: 4096 },
  { kind: "exact gelu", length: 4096 },
  { kind: "silu", length: 4096 },
  { kind: "adamw", length: 4096 }
]

const ours = (tier: string): Promise<MeasuredProcess | Absent> =>
  nodeProcess(tier, new URL("./ours.ts", import.meta.url), { env: { NOEMA_WASM_TIER: tier } })

const contenders: ReadonlyArray<readonly [string, () => Promise<MeasuredProcess | Absent>]> = [
  ["simd128", () => ours("simd128")],
  ["fma", () => ours("fma")],
  ["revectorize", () => ours("revectorize")],
  ["tfjs", () => startPeer("tfjs-wasm")],
  ["onnxruntime", () => startPeer("onnxruntime")],
  ["loops", () => startPeer("loops")]
]

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const notes: Array<string> = [
    "Microseconds of the fastest call of all rounds, one thread. AdamW updates parameter and both moments in place.",
    "`fma` is what a program gets that asks for nothing; `revectorize` is opt-in (`engineFlags`). Ratios: how many times faster ours is, below 1 how much slower, the median over interleaved rounds of the ratio of fastest calls.",
    "Call times of ours include everything of a run but the copies: arguments stay on the device."
  ]
  const started: Array<readonly [string, MeasuredProcess]> = []
  const rows: Array<Row> = []
  try {
    for (const [key, start] of contenders) {
      const process = await start()
      if (isAbsent(process)) notes.push(`${key} is absent: ${process.absent}`)
      else {
        started.push([key, process])
        notes.push(`${key}: ${process.version}`)
      }
    }
    for (const c of quick ? quickCases : cases) {
      const candidates: Array<Candidate> = []
      const digests: Array<readonly [string, number]> = []
      for (const [key, process] of started) {
        const prepared = await process.prepare(c)
        if (isAbsent(prepared)) notes.push(`${labelOf(c)}, ${key}: ${prepared.absent}`)
        else {
          candidates.push({ ...prepared, name: key })
          digests.push([key, prepared.meanAbs])
        }
      }
      for (const [key, digest] of digests)
        if (!(Math.abs(digest / digests[0]![1] - 1) <= 1e-4))
          notes.push(`${labelOf(c)}: ${key} computes something else, mean |y| ${digest} and not ${digests[0]![1]}`)
      rows.push(row(c, await interleave(candidates, roundsFor(quick))))
    }
  } finally {
    for (const [, process] of started) process.close()
  }
  for (const tier of ["fma", "revectorize"]) {
    const peers = Object.fromEntries(["tfjs", "onnxruntime", "loops"].map((peer) => [`${tier} / ${peer}`, peer]))
    notes.push(...behind(rows, peers, ({ kernel }) => String(kernel), `\`${tier}\``))
  }
  return { rows, notes }
}

const labelOf = (c: FusedCase): string => ("rows" in c ? `${c.kind} ${c.rows}x${c.columns}` : `${c.kind} ${c.length}`)

const row = (c: FusedCase, summaries: ReadonlyArray<Summary>): Row => {
  const of = (key: string): Summary | undefined => summaries.find((summary) => summary.name === key)
  const time = (key: string) => {
    const summary = of(key)
    return summary === undefined ? "-" : Math.round(summary.best * 1000)
  }
  const ratio = (ours: string, other: string) => {
    const [a, b] = [of(ours), of(other)]
    return a === undefined || b === undefined ? "-" : speedup(a, b)
  }
  return {
    kernel: labelOf(c),
    "fma us": time("fma"),
    "simd128 us": time("simd128"),
    "revectorize us": time("revectorize"),
    "tfjs us": time("tfjs"),
    "onnxruntime us": time("onnxruntime"),
    "loops us": time("loops"),
    "fma / tfjs": ratio("fma", "tfjs"),
    "fma / onnxruntime": ratio("fma", "onnxruntime"),
    "fma / loops": ratio("fma", "loops"),
    "revectorize / tfjs": ratio("revectorize", "tfjs"),
    "revectorize / onnxruntime": ratio("revectorize", "onnxruntime"),
    "revectorize / loops": ratio("revectorize", "loops")
  }
}
