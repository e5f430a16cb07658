/**
 * Files as nobody should write them, read by everything that reads files: `npm run fuzz:files -- --minutes 1 --seed 1`.
 * Targets take turns in a process of their own, which is ended when a case takes too long or too much memory. A case is
 * made again by `--target NAME --case N` with the same seed. Ends with status 1 where a case was neither read for what it
 * says nor refused in a sentence.
 */
import { fork } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Report } from "./worker.ts"

const usage = "usage: npm run fuzz:files -- [--minutes N] [--seed S] [--target NAME [--case N]] [--keep FOLDER]"
const refuse = (message: string): never => {
  console.error(`${message}\n${usage}`)
  process.exit(1)
}
const parsed = () => {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string", default: "1" },
        seed: { type: "string", default: "1" },
        target: { type: "string" },
        case: { type: "string" },
        keep: { type: "string", default: join(tmpdir(), "noema-fuzz-faults") }
      }
    }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}
const values = parsed()
for (const name of ["minutes", "seed", "case"] as const) {
  const text = values[name]
  const isNumber =
    text === undefined || (/^\d+(\.\d+)?$/.test(text) && (name === "minutes" || Number.isSafeInteger(Number(text))))
  if (!isNumber) refuse(`--${name}: expected a number, found ${JSON.stringify(text)}`)
}
if (values.case !== undefined && values.target === undefined) refuse("--case is a case of a --target; name one")
const until = performance.now() + 60_000 * Number(values.minutes)
/** A case takes milliseconds; a command, seconds. */
const mostSeconds = 150
const mostMebibytes = 1024

interface Tally {
  read: number
  refused: number
  faults: number
}
const tallies = new Map<string, Tally>()
const tallyOf = (target: string): Tally => {
  const tally = tallies.get(target) ?? { read: 0, refused: 0, faults: 0 }
  tallies.set(target, tally)
  return tally
}

const complain = (target: string, index: number, message: string, bytes?: string): void => {
  tallyOf(target).faults++
  mkdirSync(values.keep, { recursive: true })
  const file = join(values.keep, `${target.replaceAll(/\W+/g, "-")}-${values.seed}-${index}`)
  if (bytes !== undefined) writeFileSync(file, Buffer.from(bytes, "base64"))
  writeFileSync(`${file}.txt`, message)
  console.error(
    `\n${target}, --seed ${values.seed} --target ${JSON.stringify(target)} --case ${index}: ${message.slice(0, 2000)}\n${bytes === undefined ? "" : `the bytes are in ${file}\n`}`
  )
}

/** Runs a worker until time is up or a case has to be ended; gives the case behind the last one of every target. */
const runWorker = (from: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> =>
  new Promise((resolve, reject) => {
    const next = new Map(from)
    const folder = mkdtempSync(join(tmpdir(), "noema-fuzz-"))
    const task = {
      folder,
      seed: Number(values.seed),
      from: [...from],
      target: values.target,
      case: values.case === undefined ? undefined : Number(values.case)
    }
    const worker = fork(join(import.meta.dirname, "worker.ts"), [JSON.stringify(task)], {
      execArgv: ["--conditions=@noema/source", "--max-old-space-size=768"],
      // What commands tell people on the way is not for us.
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    })
    let said = ""
    worker.stderr!.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)))
    let current: { target: string; index: number; since: number } | null = null
    let ended = false
    const end = () => {
      ended = true
      worker.kill("SIGKILL")
    }
    const watch = setInterval(() => {
      if (current !== null && performance.now() - current.since > 1000 * mostSeconds) {
        complain(current.target, current.index, `not done after ${mostSeconds} seconds`)
        end()
      } else if (performance.now() > until && (current === null || performance.now() > until + 1000 * mostSeconds))
        end()
    }, 500)
    worker.on("message", (report: Report) => {
      if (report.kind === "begin") {
        current = { ...report, since: performance.now() }
        next.set(report.target, report.index + 1)
        return
      }
      current = null
      if (report.kind === "fault") complain(report.target, report.index, report.message, report.bytes)
      else tallyOf(report.target)[report.kind]++
      if (report.mebibytes > mostMebibytes) {
        complain(report.target, report.index, `${report.mebibytes.toFixed(0)} MiB of memory`)
        end()
      }
      if (performance.now() > until) end()
    })
    worker.on("error", reject)
    worker.on("exit", (code) => {
      clearInterval(watch)
      rmSync(folder, { recursive: true, force: true })
      if (!ended && code !== 0) {
        if (current === null) return reject(new Error(`a worker ended with ${code} before its first case:\n${said}`))
        complain(current.target, current.index, `the process ended with ${code}: ${said}`)
      }
      resolve(next)
    })
  })

let next: ReadonlyMap<string, number> = new Map()
do next = await runWorker(next).catch((error: Error) => refuse(error.message))
while (performance.now() < until && values.case === undefined)

const rows = [...tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))
const total = { read: 0, refused: 0, faults: 0 }
console.log(`${"".padEnd(24)}${"read".padStart(10)}${"refused".padStart(10)}${"faults".padStart(10)}`)
for (const [name, tally] of [...rows, ["all", total] as const]) {
  if (name !== "all") for (const kind of ["read", "refused", "faults"] as const) total[kind] += tally[kind]
  console.log(`${name.padEnd(24)}${[tally.read, tally.refused, tally.faults].map((n) => `${n}`.padStart(10)).join("")}`)
}
if (total.faults > 0) process.exitCode = 1
