/** A whole training step of a small language model, one program of ours against other libraries. */
import { behind } from "../harness/behind.ts"
import { type GemmCase, gemmFlops, type StepCase, stepFlops } from "../harness/cases.ts"
import { cpuSpeedup, interleave, roundsFor, speedup } from "../harness/measure.ts"
import type { Candidate, Summary } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { startPeer } from "../harness/peers.ts"
import { isAbsent, nodeProcess } from "../harness/process.ts"
import type { Absent, MeasuredProcess } from "../harness/process.ts"
import { agreement } from "./agreement.ts"
import { shares } from "./shares.ts"

export const name = "step"

const steps = (d: number, ff: number, heads: number, batch: number): StepCase => ({
  kind: "step",
  d,
  layers: 4,
  heads,
  ff,
  vocab: 64,
  batch,
  seq: 48
})

const cases: ReadonlyArray<StepCase> = [steps(128, 352, 4, 64), steps(256, 704, 8, 64)]
const quickCases: ReadonlyArray<StepCase> = [{ ...steps(64, 176, 2, 4), layers: 2 }]

/** Of the shape of the model's own products: what the step could reach if it were nothing else. */
const productOf = ({ d, ff, batch, seq }: StepCase): GemmCase => ({
  kind: "gemm",
  batch: 1,
  m: batch * seq,
  n: 2 * ff,
  k: d,
  transposeA: false,
  transposeB: false
})

interface Contender {
  readonly key: string
  /** Steps of more operations would take it half a minute each. */
  readonly most?: number
  readonly start: () => Promise<MeasuredProcess | Absent>
}

const ours = (key: string, tier: string, threads: number, script = "./ours.ts"): Contender => ({
  key,
  start: () =>
    nodeProcess(key, new URL(script, import.meta.url), {
      env: { NOEMA_WASM_TIER: tier, BENCH_THREADS: String(threads) }
    })
})

const contenders: ReadonlyArray<Contender> = [
  ours("fma", "fma", 1),
  ours("fma, 2 threads", "fma", 2),
  ours("simd128", "simd128", 1),
  ours("simd128, 2 threads", "simd128", 2),
  ours("revectorize", "revectorize", 1),
  ours("revectorize, 2 threads", "revectorize", 2),
  { key: "torch", start: () => startPeer("torch", 1) },
  { key: "torch, 2 threads", start: () => startPeer("torch", 2) },
  { key: "jax-js", start: () => startPeer("jax-js") },
  { key: "tfjs", most: 2e10, start: () => startPeer("tfjs-wasm") }
]

const product = ours("product", "revectorize", 1, "../gemm/ours.ts")

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const notes: Array<string> = [
    "One step: loss, gradients and AdamW of a Llama-like decoder, 4 layers, vocabulary 64, batch 64 x 48, f32; the same weights and tokens for everyone. ms: the fastest step of all rounds; GF: billions of floating-point operations of its products a second. CPU ms counts all threads.",
    "Ratios: how many times faster than the peer with as many threads, the median over interleaved rounds of the ratio of fastest steps (`CPU`: of CPU time, which other work on the machine disturbs less).",
    "`fma` is what a program gets that asks for nothing; `revectorize` is opt-in (`engineFlags`, for programs that own their process); `simd128` is for engines without relaxed SIMD. Below 1 the peer is faster. PyTorch computes products with oneDNN and MKL, in vectors as wide as the processor has; WebAssembly has 128 bits, and 256 where the engine may join two.",
    "of our products: the share of the speed that our device reaches, in the same rounds, on one product of the model's shape."
  ]
  const started: Array<Contender & { readonly process: MeasuredProcess }> = []
  for (const contender of [...contenders, product]) {
    const process = await contender.start()
    if (isAbsent(process)) notes.push(`${contender.key} is absent: ${process.absent}`)
    else {
      started.push({ ...contender, process })
      if (contender !== product) notes.push(`${contender.key}: ${process.version}`)
    }
  }
  const rows: Array<Row> = []
  try {
    for (const c of quick ? quickCases : cases) {
      const candidates: Array<Candidate> = []
      const losses: Array<readonly [string, number]> = []
      for (const { key, most = Infinity, process } of started) {
        if (stepFlops(c) > most) continue
        const prepared = await process.prepare(key === product.key ? productOf(c) : c)
        if (isAbsent(prepared)) notes.push(`d = ${c.d}, ${key}: ${prepared.absent}`)
        else {
          candidates.push({ ...prepared, name: key })
          if (key !== product.key) losses.push([key, prepared.meanAbs])
        }
      }
      for (const [key, loss] of losses)
        if (Math.abs(loss / losses[0]![1] - 1) > 1e-4)
          notes.push(`d = ${c.d}: ${key} computes something else, its first loss is ${loss} and not ${losses[0]![1]}`)
      const { turn, rounds } = roundsFor(quick)
      rows.push(...table(c, await interleave(candidates, { rounds: quick ? rounds : 7, turn: quick ? turn : 600 })))
    }
  } finally {
    for (const { process } of started) process.close()
  }
  notes.push(...behind(rows, peers, ({ d, who }) => `d = ${d}, ${who}`))
  notes.push(await agreement(quick ? 5 : 50), ...(await shares(quick ? quickCases[0]! : cases[0]!, quick ? 2 : 12)))
  return { rows, notes }
}

/** What a column of ratios is against. */
const peers = { "x torch": "PyTorch", "x jax-js": "jax-js", "x tfjs": "TensorFlow.js" }

const table = (c: StepCase, summaries: ReadonlyArray<Summary>): ReadonlyArray<Row> => {
  const of = (key: string): Summary | undefined => summaries.find((summary) => summary.name === key)
  const peak = of(product.key)
  return summaries
    .filter(({ name }) => name !== product.key)
    .map((summary): Row => {
      const threads = summary.name.endsWith(", 2 threads") ? ", 2 threads" : ""
      const ratio = (other: string, by = speedup): number | string => {
        const peer = of(other)
        return peer === undefined || peer === summary ? "-" : by(summary, peer)
      }
      const own = ["simd128", "fma", "revectorize"].some((tier) => summary.name.startsWith(tier))
      const share = peak === undefined || summary.name !== "revectorize" ? "-" : utilisation(c, summary, peak)
      return {
        d: c.d,
        who: summary.name,
        ms: summary.best,
        "median ms": summary.median,
        "CPU ms": summary.cpu,
        GF: stepFlops(c) / summary.best / 1e6,
        "x torch": own ? ratio(`torch${threads}`) : "-",
        "x torch CPU": own ? ratio(`torch${threads}`, cpuSpeedup) : "-",
        "x jax-js": own ? ratio("jax-js") : "-",
        "x tfjs": own ? ratio("tfjs") : "-",
        "of our products": share
      }
    })
}

const utilisation = (c: StepCase, step: Summary, peak: Summary): number =>
  stepFlops(c) / gemmFlops(productOf(c)) / speedup(peak, step)
