/**
 * ATP-Latent as it is here beside how it was in another checkout of this repository, `--base=FOLDER`: both take turns. They
 * are asked through the processes of `bench/atp`, so the two may differ in everything but how those are spoken to.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { setTimeout } from "node:timers/promises"
import { behind } from "../harness/behind.ts"
import type { AtpCase } from "../harness/cases.ts"
import { type Candidate, cpuSpeedup, interleave, roundsFor, speedup } from "../harness/measure.ts"
import type { BenchOptions, BenchOutcome, Row } from "../harness/module.ts"
import { isAbsent, type MeasuredProcess, nodeProcess } from "../harness/process.ts"

export const name = "versions"

const here = fileURLToPath(new URL("../..", import.meta.url))
const tiers = ["fma", "revectorize"] as const

type Version = "now" | "base"

const atp = (what: AtpCase["what"], rows?: number): AtpCase => ({
  kind: "atp",
  what,
  file: "",
  ...(rows === undefined ? {} : { rows })
})

const works: Readonly<Record<string, AtpCase>> = {
  "supervised update, batch 64": atp("update"),
  "round of 256 rollouts and 2 updates": atp("round"),
  "latents and answers, batch 1": atp("generate", 1),
  "latents and answers, batch 64": atp("generate", 64)
}

const start = async (folder: string, tier: string, peak?: string): Promise<MeasuredProcess> => {
  const started = await nodeProcess(tier, pathToFileURL(join(folder, "bench/atp/ours.ts")), {
    nodeArgs: peak === undefined ? [] : [`--import=${new URL("./peak.mjs", import.meta.url).href}`],
    env: { NOEMA_WASM_TIER: tier, BENCH_THREADS: "1", ...(peak === undefined ? {} : { BENCH_PEAK: peak }) }
  })
  if (isAbsent(started)) throw new Error(`${folder} does not run: ${started.absent}`)
  return started
}

const ready = async (process: MeasuredProcess, work: AtpCase): Promise<Candidate> => {
  const prepared = await process.prepare(work)
  if (isAbsent(prepared)) throw new Error(`${process.version} refuses ${work.what}: ${prepared.absent}`)
  return prepared
}

/** How long a new process takes to its first update, and the most memory it has had after some more and a round. */
const fresh = async (folder: string, tier: string, scratch: string, calls: number) => {
  const file = join(scratch, "peak")
  rmSync(file, { force: true })
  const process = await start(folder, tier, file)
  const before = performance.now()
  const updates = await ready(process, atp("update"))
  const first = performance.now() - before
  await updates.measure(calls)
  const rounds = await ready(process, atp("round"))
  await rounds.measure(2)
  process.close()
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await setTimeout(20)
  return { first, peak: Number(readFileSync(file, "utf8")) / 2 ** 20 }
}

const commitOf = (folder: string): string =>
  execFileSync("git", ["-C", folder, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()

export const run = async ({ args, quick }: BenchOptions): Promise<BenchOutcome> => {
  const given = args.find((arg) => arg.startsWith("--base="))?.slice("--base=".length)
  if (!given)
    return { rows: [], notes: ["versions compares with another checkout, with its node_modules: --base=FOLDER"] }
  const folders: Readonly<Record<Version, string>> = { now: here, base: resolve(given) }
  const scratch = mkdtempSync(join(tmpdir(), "noema-bench-"))
  const rows: Array<Row> = []
  try {
    for (const tier of tiers) {
      const now = await start(folders.now, tier)
      const base = await start(folders.base, tier)
      try {
        const { rounds, turn } = roundsFor(quick)
        for (const [what, work] of Object.entries(works)) {
          const candidates = [await ready(now, work), await ready(base, work)]
          const [ours, theirs] = await interleave(candidates, { rounds, turn: quick ? turn : 500 })
          rows.push({
            what,
            tier,
            ms: ours!.best,
            "base ms": theirs!.best,
            "x base": speedup(ours!, theirs!),
            "x base CPU": cpuSpeedup(ours!, theirs!)
          })
        }
      } finally {
        now.close()
        base.close()
      }
      rows.push(...(await fromNothing(folders, tier, scratch, quick)))
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return {
    rows,
    notes: [
      `One thread; base is ${commitOf(folders.base)}. x base: how many times faster, or how many times less, than base; the median over interleaved rounds of the ratio of fastest calls (CPU: of CPU time).`,
      "The first update: from a process that has loaded its modules to the end of its first update, data, weights, tracing and compiling included, the fastest of some processes. Memory: the most that a process has resident, supervised updates and then a round of reinforcement, the least of the same processes.",
      ...behind(rows, { "x base": "base" }, ({ tier, what }) => `${what}, ${tier}`)
    ]
  }
}

const fromNothing = async (
  folders: Readonly<Record<Version, string>>,
  tier: string,
  scratch: string,
  quick: boolean
): Promise<ReadonlyArray<Row>> => {
  const found: Record<Version, { first: number; peak: number }> = {
    now: { first: Infinity, peak: Infinity },
    base: { first: Infinity, peak: Infinity }
  }
  for (let time = 0; time < (quick ? 1 : 3); time++)
    for (const version of time % 2 === 0 ? (["now", "base"] as const) : (["base", "now"] as const)) {
      const { first, peak } = await fresh(folders[version], tier, scratch, quick ? 2 : 20)
      const least = found[version]
      least.first = Math.min(least.first, first)
      least.peak = Math.min(least.peak, peak)
    }
  const { base, now } = found
  return [
    { what: "the first update", tier, ms: now.first, "base ms": base.first, "x base": base.first / now.first },
    { what: "most memory", tier, MiB: now.peak, "base MiB": base.peak, "x base": base.peak / now.peak }
  ]
}
