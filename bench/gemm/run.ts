/** Products: our tiers against native and JavaScript libraries. */
import { behind } from "../harness/behind.ts"
import { gemmFlops, gemmLabel } from "../harness/cases.ts"
import type { GemmCase } from "../harness/cases.ts"
import { interleave, roundsFor } from "../harness/measure.ts"
import type { Candidate, Summary } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { startPeer } from "../harness/peers.ts"
import type { PeerName } from "../harness/peers.ts"
import { isAbsent, nodeProcess } from "../harness/process.ts"
import type { Absent, MeasuredProcess } from "../harness/process.ts"

export const name = "gemm"

const product = (m: number, n: number, k: number, layout: "" | "A^T" | "B^T" = "", batch = 1): GemmCase => ({
  kind: "gemm",
  batch,
  m,
  n,
  k,
  transposeA: layout === "A^T",
  transposeB: layout === "B^T"
})

/** The products of a training step (d = 128, batch 64 x 48), squares, attention, and what one latent step needs. */
const cases: ReadonlyArray<GemmCase> = [
  product(3072, 512, 128),
  product(3072, 128, 512, "B^T"),
  product(128, 512, 3072, "A^T"),
  product(3072, 128, 128),
  product(512, 512, 512),
  product(1024, 1024, 1024),
  product(48, 48, 32, "B^T", 256),
  product(48, 32, 48, "", 256),
  product(48, 32, 48, "A^T", 256),
  product(64, 512, 128),
  product(1, 512, 512)
]

const quickCases: ReadonlyArray<GemmCase> = [product(192, 128, 64, "B^T"), product(48, 32, 48, "A^T", 16)]

interface Contender {
  readonly key: string
  /** Products of more operations would take it seconds each. */
  readonly most?: number
  readonly start: () => Promise<MeasuredProcess | Absent>
}

const ours = (key: string, tier: string, threads: number): Contender => ({
  key,
  start: () =>
    nodeProcess(key, new URL("./ours.ts", import.meta.url), {
      env: { NOEMA_WASM_TIER: tier, BENCH_THREADS: String(threads) }
    })
})

const peer = (key: string, of: PeerName, most?: number): Contender => ({
  key,
  ...(most === undefined ? {} : { most }),
  start: () => startPeer(of)
})

/** numpy whose OpenBLAS is told to use the 256-bit kernels, as our widest tier does. */
const numpyNarrow: Contender = {
  key: "OpenBLAS AVX2",
  start: () => startPeer("numpy", 1, { OPENBLAS_CORETYPE: "Haswell" })
}

const contenders: ReadonlyArray<Contender> = [
  ours("simd128", "simd128", 1),
  ours("fma", "fma", 1),
  ours("revectorize", "revectorize", 1),
  ours("2 threads", "revectorize", 2),
  peer("OpenBLAS", "numpy"),
  numpyNarrow,
  peer("jax-js", "jax-js"),
  peer("tfjs", "tfjs-wasm", 5e8),
  peer("gpu.js", "gpujs-webasm", 5e8)
]

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const notes: Array<string> = [
    "GF: billions of floating-point operations a second, the fastest call of all rounds, one thread. Sizes are m x n x k.",
    "`fma` is what a program gets that asks for nothing; `revectorize`, `2 threads` and the columns after it are opt-in (`engineFlags`).",
    "Ratios: how many times faster ours is, by the fastest calls of all interleaved rounds, which other work on the machine disturbs least. `revectorize / ...` and `fma / ...` are against numpy with OpenBLAS on one thread; `AVX2` with OPENBLAS_CORETYPE=Haswell, as OpenBLAS otherwise takes 512-bit vectors where the processor has them and WebAssembly cannot.",
    "2 threads: time of one thread by time of two, then CPU time of two by CPU time of one: where the second core is busy with other work, the first says little and the second shows what dividing the work costs.",
    "Call times include everything of a run of ours but the copies: its arguments stay on the device, as in training."
  ]
  const started: Array<{ readonly contender: Contender; readonly process: MeasuredProcess }> = []
  for (const contender of contenders) {
    const process = await contender.start()
    if (isAbsent(process)) notes.push(`${contender.key} is absent: ${process.absent}`)
    else {
      started.push({ contender, process })
      notes.push(`${contender.key}: ${process.version}`)
    }
  }
  const rows: Array<Row> = []
  try {
    for (const c of quick ? quickCases : cases) {
      const candidates: Array<Candidate> = []
      const digests: Array<readonly [string, number]> = []
      for (const { contender, process } of started) {
        if (gemmFlops(c) > (contender.most ?? Infinity)) continue
        const prepared = await process.prepare(c)
        if (isAbsent(prepared)) notes.push(`${gemmLabel(c)}, ${contender.key}: ${prepared.absent}`)
        else {
          candidates.push({ ...prepared, name: contender.key })
          digests.push([contender.key, prepared.meanAbs])
        }
      }
      for (const [key, digest] of digests)
        if (Math.abs(digest / digests[0]![1] - 1) > 1e-4)
          notes.push(`${gemmLabel(c)}: ${key} computes something else, mean |c| ${digest} and not ${digests[0]![1]}`)
      rows.push(row(c, await interleave(candidates, roundsFor(quick))))
    }
  } finally {
    for (const { process } of started) process.close()
  }
  for (const tier of ["fma", "revectorize"]) {
    const peers = Object.fromEntries(
      ["OpenBLAS", "jax-js", "tfjs", "gpu.js"].map((peer) => [`${tier} / ${peer}`, peer])
    )
    notes.push(...behind(rows, peers, ({ product }) => String(product), `\`${tier}\``))
  }
  return { rows, notes }
}

const row = (c: GemmCase, summaries: ReadonlyArray<Summary>): Row => {
  const of = (key: string): Summary | undefined => summaries.find((summary) => summary.name === key)
  const speed = (key: string) => {
    const summary = of(key)
    return summary === undefined ? "-" : gemmFlops(c) / summary.best / 1e6
  }
  const ratio = (ours: string, other: string, by: "best" | "cpu" = "best") => {
    const [a, b] = [of(ours), of(other)]
    return a === undefined || b === undefined ? "-" : b[by] / a[by]
  }
  return {
    product: gemmLabel(c),
    "fma GF": speed("fma"),
    "OpenBLAS GF": speed("OpenBLAS"),
    "fma / OpenBLAS": ratio("fma", "OpenBLAS"),
    "fma / AVX2": ratio("fma", "OpenBLAS AVX2"),
    "fma / jax-js": ratio("fma", "jax-js"),
    "fma / tfjs": ratio("fma", "tfjs"),
    "fma / gpu.js": ratio("fma", "gpu.js"),
    "simd128 GF": speed("simd128"),
    "revectorize GF": speed("revectorize"),
    "revectorize / OpenBLAS": ratio("revectorize", "OpenBLAS"),
    "revectorize / AVX2": ratio("revectorize", "OpenBLAS AVX2"),
    "revectorize / jax-js": ratio("revectorize", "jax-js"),
    "revectorize / tfjs": ratio("revectorize", "tfjs"),
    "revectorize / gpu.js": ratio("revectorize", "gpu.js"),
    "2 threads": ratio("2 threads", "revectorize"),
    "CPU time": ratio("revectorize", "2 threads", "cpu")
  }
}
