/** ATP-Latent at its default size against the same method in PyTorch: updates, rounds of reinforcement, generation. */
import { type Experiment, Held, Supervised } from "./inside.ts"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { behind } from "../harness/behind.ts"
import { type AtpCase, type Case, type GemmCase, gemmFlops } from "../harness/cases.ts"
import { type Candidate, cpuSpeedup, interleave, roundsFor, speedup, type Summary } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { startPeer } from "../harness/peers.ts"
import { type Absent, isAbsent, type MeasuredProcess, nodeProcess } from "../harness/process.ts"
import { cardRow } from "./card.ts"
import { recipeRows } from "./recipe.ts"
import { type HandedOver, handOver, options } from "./hand-over.ts"
import { type BenchSubject, method, subject, updateFlops } from "./subject.ts"

export const name = "atp"

/** Losses compared with the peer's, and how far apart they may be. */
const compared = 4
const tolerance = 1e-3

const threadCounts = [1, 2]

/** How long the first update takes where nothing has been traced or compiled: the best of some new devices. */
const firstUpdate = (from: BenchSubject) =>
  Effect.gen(function* () {
    const held = yield* Held.hold(method, from.experiment.sizes, from.first, from.supervised)
    const before = performance.now()
    yield* Stream.runDrain(Supervised.supervised(held, options(from, 1)))
    return performance.now() - before
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 2 })))

interface Handed extends HandedOver {
  readonly from: BenchSubject
  readonly first: number
}

/** Everything the main process does: the first update before anything else has warmed the engine, then the file. */
const prepare = (file: string): Promise<Handed> =>
  Effect.gen(function* () {
    const from = yield* subject
    const first = yield* firstUpdate(from)
    return { from, first, ...(yield* handOver(from, file, compared)) }
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)

/** `with flags`: with what `engineFlags` allows, which a program has to ask for. */
type Who = "noema" | "noema with flags" | "torch" | "product"

interface Contender {
  readonly who: Who
  readonly threads: number
  readonly process: MeasuredProcess
}

const start = (who: Who, threads: number): Promise<MeasuredProcess | Absent> =>
  who === "torch"
    ? startPeer("torch", threads)
    : nodeProcess(who, new URL(who === "product" ? "../gemm/ours.ts" : "./ours.ts", import.meta.url), {
        env: { NOEMA_WASM_TIER: who === "noema with flags" ? "revectorize" : "fma", BENCH_THREADS: String(threads) }
      })

const keyOf = (who: Who, threads: number): string => `${who}, ${threads} thread${threads === 1 ? "" : "s"}`

/** Our losses and the peer's on the same weights, batches, noise and rollouts. */
const agreement = async (torch: MeasuredProcess, file: string, { losses }: HandedOver): Promise<string> => {
  const far: Array<string> = []
  const pairs: Array<string> = []
  let most = 0
  for (const what of ["update", "round"] as const)
    for (let after = 1; after <= Math.min(compared, losses[what].length); after++) {
      const theirs = await torch.prepare({ kind: "atp", what, file, after })
      if (isAbsent(theirs)) return `No losses to compare: ${theirs.absent}.`
      const ours = losses[what][after - 1]!
      const apart = Math.abs(ours - theirs.meanAbs)
      most = Math.max(most, apart)
      pairs.push(
        `${what === "update" ? "supervised" : "clipped"} update ${after}: ${ours.toFixed(5)}, ${theirs.meanAbs.toFixed(5)}`
      )
      if (apart > tolerance) far.push(`${what} ${after}`)
    }
  const verdict =
    far.length === 0
      ? `all within ${tolerance}, the largest difference is ${most.toExponential(1)}`
      : `DIFFERENT beyond ${tolerance}: ${far.join(", ")}`
  return `Losses of ours and of torch from the same weights, batches, noise and rollouts; ${pairs.join("; ")}: ${verdict}.`
}

export const run = async ({ quick }: BenchOptions): Promise<BenchOutcome> => {
  const folder = mkdtempSync(join(tmpdir(), "noema-bench-"))
  const file = join(folder, "atp.safetensors")
  const notes: Array<string> = []
  const started: Array<Contender> = []
  try {
    const handed = await prepare(file)
    const { experiment, wording } = handed.from
    for (const threads of threadCounts)
      for (const who of ["noema", "noema with flags", "torch", "product"] as const) {
        const process = await start(who, threads)
        if (isAbsent(process)) notes.push(`${keyOf(who, threads)} is absent: ${process.absent}`)
        else {
          started.push({ who, threads, process })
          if (who !== "product") notes.push(`${keyOf(who, threads)}: ${process.version}`)
        }
      }
    const { batch } = experiment.config.supervised
    const { hidden, width } = experiment.sizes
    const { group, minibatch, questions } = experiment.config.reinforcement
    const latents = wording.maxSteps * experiment.config.model.perStep
    const { question, tail } = handed.extent
    const product: GemmCase = {
      kind: "gemm",
      batch: 1,
      m: batch * (question + latents + tail),
      n: 2 * hidden,
      k: width,
      transposeA: false,
      transposeB: false
    }
    const flops = updateFlops(handed.from, handed.extent)
    const trajectories = questions * group
    const works: ReadonlyArray<{ readonly label: string; readonly c: AtpCase; readonly rate: (ms: number) => string }> =
      [
        {
          label: `supervised update, batch ${batch}, ${wording.maxSteps} latent steps`,
          c: { kind: "atp", what: "update", file },
          rate: (ms) => `${(flops / ms / 1e6).toFixed(1)} GF`
        },
        {
          label: `round of ${trajectories} rollouts and ${trajectories / minibatch} updates`,
          c: { kind: "atp", what: "round", file },
          rate: (ms) => `${((trajectories * 1000) / ms).toFixed(0)} rollouts/s`
        },
        ...[1, 64].map((rows) => ({
          label: `latents and answers, batch ${rows}`,
          c: { kind: "atp", what: "generate", file, rows } as const,
          rate: (ms: number) => `${((rows * latents * 1000) / ms).toFixed(0)} latents/s`
        }))
      ]
    const torch = started.find(({ who }) => who === "torch")
    if (torch !== undefined) notes.push(await agreement(torch.process, file, handed))
    const rows: Array<Row> = []
    const { rounds, turn } = roundsFor(quick)
    for (const { c, label, rate } of works) {
      const candidates: Array<Candidate> = []
      for (const { process, threads, who } of started) {
        if (who === "product" && c.what !== "update") continue
        const request: Case = who === "product" ? product : c
        const prepared = await process.prepare(request)
        if (isAbsent(prepared)) notes.push(`${label}, ${keyOf(who, threads)}: ${prepared.absent}`)
        else candidates.push({ ...prepared, name: keyOf(who, threads) })
      }
      const summaries = await interleave(candidates, { rounds, turn: quick ? turn : 300 })
      rows.push(...table(label, summaries, rate, flops / gemmFlops(product)))
    }
    notes.push(...behind(rows, { "x torch": "PyTorch" }, ({ what, who }) => `${what}, ${who}`))
    rows.push({
      what: "the first supervised update, with tracing and compiling",
      who: "noema",
      ms: handed.first.toFixed(0)
    })
    rows.push(await cardRow(quick))
    rows.push(...(await recipeRows(quick)))
    return { rows, notes: [...notes, ...legend(experiment)] }
  } finally {
    for (const { process } of started) process.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const table = (
  label: string,
  summaries: ReadonlyArray<Summary>,
  rate: (ms: number) => string,
  products: number
): ReadonlyArray<Row> => {
  const of = (who: Who, threads: number): Summary | undefined =>
    summaries.find((summary) => summary.name === keyOf(who, threads))
  return threadCounts.flatMap((threads) => {
    const [ours, flagged, torch] = [of("noema", threads), of("noema with flags", threads), of("torch", threads)]
    const peak = of("product", threads)
    const row = (summary: Summary): Row => {
      const ratio = (by: typeof speedup): number | string =>
        summary !== torch && torch !== undefined ? by(summary, torch) : "-"
      return {
        what: label,
        who: summary.name,
        ms: summary.best.toFixed(1),
        "median ms": summary.median.toFixed(1),
        "CPU ms": summary.cpu.toFixed(1),
        rate: rate(summary.best),
        "x torch": ratio(speedup),
        "x torch CPU": ratio(cpuSpeedup),
        "of our products":
          summary === ours && peak !== undefined ? `${((100 * products) / speedup(peak, summary)).toFixed(0)} %` : "-"
      }
    }
    return [ours, flagged, torch].filter((summary) => summary !== undefined).map(row)
  })
}

const legend = ({ sizes }: Experiment.Experiment): ReadonlyArray<string> => [
  `Width ${sizes.width}, ${sizes.layers} layers, ${sizes.heads} heads, feed-forward ${sizes.hidden}, a decoder of ${sizes.decoderLayers} layer, vocabulary ${sizes.vocabulary}, f32. ms: the fastest of all rounds. No chain stops early, so that everyone does the same work.`,
  "`noema` is what a program gets that asks for nothing, `noema with flags` what `engineFlags` allows. x torch: how many times faster, below 1 how much slower, the median over interleaved rounds of the ratio of fastest calls, against the peer with as many threads (CPU: of CPU time, which other work on the machine disturbs less). The peer is the same method by hand in PyTorch (bench/peers/atp.py), rewards included. Two threads of PyTorch wait for each other by spinning: where other work takes a core from one of them its figures say nothing, and one thread is what to look at.",
  "GF: billions of floating-point operations of the update's products a second, forward and backward. of our products: the share of the speed that our device reaches, in the same rounds, on one product with all rows of the update and a feed-forward weight."
]
