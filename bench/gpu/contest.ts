/** Products and the training step through gpu.js beside jax-js, wherever the scripts of the contenders lie. */
import { detect } from "@noema/tensor/gpujs"
import { gemmFlops, gemmLabel, type GemmCase, type StepCase } from "../harness/cases.ts"
import { type Candidate, interleave, roundsFor, speedup, type Summary } from "../harness/measure.ts"
import type { BenchOutcome, Row } from "../harness/module.ts"
import { type Absent, isAbsent, type MeasuredProcess } from "../harness/process.ts"
import { overhead } from "./overhead.ts"
import { peak } from "./peak.ts"

/** `page`: a script in a page of Chromium, named by the first argument. */
export type Script = "ours" | "jaxjs" | "torch" | "page"

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

interface Place {
  readonly on: string
  /** The first is the one that the others are compared with. */
  readonly contenders: ReadonlyArray<Contender>
}

const inNode: Place = {
  on: "webgpu, Node",
  contenders: [
    { key: "ours", script: "ours", args: [], env: { BENCH_MODE: "webgpu" } },
    { key: "four", script: "ours", args: [], env: { BENCH_MODE: "webgpu", BENCH_TILED: "0" } },
    { key: "plain", script: "ours", args: [], env: { BENCH_MODE: "webgpu", BENCH_TILED: "0", BENCH_BLOCKED: "0" } },
    { key: "jax-js", script: "jaxjs", args: ["webgpu"], env: {} },
    { key: "torch", script: "torch", args: [], env: { BENCH_DEVICE: "cuda" } }
  ]
}

const inChromium = (mode: "webgpu" | "webgl2"): Place => ({
  on: `${mode}, Chromium`,
  contenders: [
    { key: "ours", script: "page", args: ["ours"], env: { BENCH_MODE: mode } },
    {
      key: "plain",
      script: "page",
      args: ["ours"],
      env: { BENCH_MODE: mode, BENCH_TILED: "0", BENCH_BLOCKED: "0" }
    },
    { key: "gpu.js", script: "page", args: ["gpujs", mode], env: {} },
    { key: "jax-js", script: "page", args: ["jaxjs", mode === "webgl2" ? "webgl" : mode], env: {} }
  ]
})

export interface ContestOptions {
  readonly quick: boolean
  /** Runs per timed call of a product. */
  readonly repeat: number
  /** Whether to go to a browser too. */
  readonly browser: boolean
}

export const contest = async (start: Start, { browser, quick, repeat }: ContestOptions): Promise<BenchOutcome> => {
  const notes: Array<string> = []
  const webgpu = (await detect()).find(({ mode }) => mode === "webgpu")!
  const emulated = !webgpu.available || webgpu.software
  const most = webgpu.available ? await peak(emulated ? 4 : 4096) : null
  if (emulated)
    notes.push(
      `No graphics card was available: ${webgpu.available ? `the adapter is emulated by the processor (${webgpu.reason})` : `${webgpu.reason} in Node, and the browser's adapters are emulated by the processor`}. Only correctness and the ratio to the plain kernel count.`
    )
  else notes.push(`Adapter: ${webgpu.reason}.`)
  notes.push(
    "ms: the fastest call of all rounds. GF: billions of floating-point operations a second. Arguments and results stay on the device, except that a call on webgl2 and one of gpu.js by itself take host arrays and give one back.",
    "ours: what the layer does unless told otherwise; four: gpu.js kernels of ours, four elements a thread, nothing tiled; plain: gpu.js kernels of ours, one element a thread; gpu.js: a kernel as its users write it, run by gpu.js. x: how many times faster ours is, median over interleaved rounds of the ratio of fastest calls."
  )
  if (most !== null)
    notes.push(
      `Measured f32 peak of the adapter (independent fused multiply-adds): ${most.toPrecision(3)} GF. Host time to record a pass: ${(await overhead()).toFixed(1)} microseconds.`
    )
  const runs = emulated ? 1 : repeat
  const small = emulated || quick
  const cases = [...(small ? smallProducts : cardProducts), small ? smallStep : cardStep]
  const places = [
    ...(webgpu.available ? [inNode] : []),
    ...(browser ? [inChromium("webgpu"), inChromium("webgl2")] : [])
  ]
  const common = { BENCH_REPEAT: String(runs), BENCH_HARDWARE: emulated ? "0" : "1" }
  const rows: Array<Row> = []
  for (const { contenders, on } of places) {
    const started: Array<{ readonly key: string; readonly process: MeasuredProcess }> = []
    for (const { args, env, key, script } of contenders) {
      const process = await start(key, script, args, { ...env, ...common })
      if (isAbsent(process)) notes.push(`${on}: ${key} is absent: ${process.absent}`)
      else {
        started.push({ key, process })
        notes.push(`${on}: ${key} is ${process.version}`)
      }
    }
    try {
      for (const c of cases) {
        const label = c.kind === "gemm" ? gemmLabel(c) : `training step, d = ${c.d}, ${c.layers} layers`
        const candidates: Array<Candidate> = []
        let expected: number | null = null
        for (const { key, process } of started) {
          const prepared = await process.prepare(c)
          if (isAbsent(prepared)) {
            notes.push(`${label}, ${on}: ${key} does not run it: ${prepared.absent}`)
            continue
          }
          expected ??= prepared.meanAbs
          if (Math.abs(prepared.meanAbs / expected - 1) > 1e-3)
            notes.push(`${label}, ${on}: ${key} computes something else, ${prepared.meanAbs} and not ${expected}`)
          candidates.push({ ...prepared, name: key })
        }
        if (candidates.length === 0) continue
        const summaries = await interleave(candidates, roundsFor(small))
        rows.push(row(label, on, c, summaries, runs, on === inNode.on ? most : null))
      }
    } finally {
      for (const { process } of started) process.close()
    }
  }
  return { rows, notes }
}

const row = (
  label: string,
  on: string,
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
  const ratio = (other: string): number | string => {
    const [a, b] = [of("ours"), of(other)]
    return a === undefined || b === undefined ? "-" : speedup(a, b)
  }
  const ours = time("ours")
  const speed = ours === null || c.kind !== "gemm" ? null : gemmFlops(c) / ours / 1e6
  return {
    case: label,
    on,
    ms: ours ?? "-",
    "plain ms": time("plain") ?? "-",
    "jax-js ms": time("jax-js") ?? "-",
    GF: speed ?? "-",
    "of peak": speed !== null && most !== null ? speed / most : "-",
    "x four": ratio("four"),
    "x plain": ratio("plain"),
    "x gpu.js": ratio("gpu.js"),
    "x jax-js": ratio("jax-js"),
    "x torch": ratio("torch")
  }
}
