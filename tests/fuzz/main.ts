/**
 * `npm run fuzz -- [--minutes N] [--programs N] [--seed S] [--from INDEX] [--device NAME]...` tries random programs of the
 * DSL on every device of this machine against the float64 reference, and gradients against finite differences. What is
 * found is made small and printed as a test. Exits with 1 where anything was found.
 */
import { fork } from "node:child_process"
import { parseArgs } from "node:util"
import { withDriver } from "../browser/driver.ts"
import { nothing, type Tally } from "./campaign.ts"
import { names } from "./devices.ts"
import { generate } from "./generate/generate.ts"
import type { Order, Word } from "./process.ts"
import { printed } from "./program/print.ts"

const usage =
  "usage: npm run fuzz -- [--minutes N] [--programs N] [--seed S] [--from INDEX] [--device NAME]...\n" +
  "a device is named by its beginning: wasm, wasm-fma, gpujs-cpu, ..."

const refuse = (message: string): never => {
  console.error(`${message}\n${usage}`)
  process.exit(1)
}

const parsed = () => {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string" },
        programs: { type: "string" },
        seed: { type: "string", default: "1" },
        from: { type: "string", default: "0" },
        device: { type: "string", multiple: true, default: [] }
      }
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const values = parsed()

const number = (name: string, text: string, isWhole: boolean): number => {
  const x = Number(text)
  return text.trim() !== "" && x >= 0 && (isWhole ? Number.isSafeInteger(x) : Number.isFinite(x))
    ? x
    : refuse(`--${name}: expected a ${isWhole ? "whole " : ""}number of at least 0, found ${text}`)
}

const seed = number("seed", values.seed, true)
const from = number("from", values.from, true)
const programs = values.programs === undefined ? undefined : number("programs", values.programs, true)
const minutes =
  values.minutes !== undefined ? number("minutes", values.minutes, false) : programs === undefined ? 1 : Infinity
const unknown = values.device.find((name) => !names.some((known) => known.startsWith(name)))
if (unknown !== undefined) refuse(`there is no device ${unknown}; there are ${names.join(", ")}`)

/** Seconds that one step may take: a program on a device, or making a find small. */
const patience = 600

const started = Date.now()
const until = minutes === Infinity ? Number.MAX_SAFE_INTEGER : started + minutes * 60_000
const total: Tally = nothing()
const finds = new Map<string, number>()
let at = { index: from, on: "starting" }
let isStarted = false
let told = started

const count = (n: number): string => n.toLocaleString("en")

const found = (signature: string, text: string): void => {
  const times = finds.get(signature) ?? 0
  finds.set(signature, times + 1)
  if (times === 0) console.log(`\n${text}`)
}

/** A program that ended the process that ran it, or that did not end. */
const lost = (reason: string): void => {
  const program = generate(seed, at.index)
  const short = program.calls.length > 60 ? { ...program, calls: program.calls.slice(0, 8) } : program
  const head = `program ${at.index} of seed ${seed} on ${at.on}: ${reason}`
  found(`lost on ${at.on}: ${reason}`, `${head}\n${printed(short, `${program.calls.length} calls on ${at.on}`)}`)
}

const heard = (word: Word): void => {
  switch (word.kind) {
    case "devices":
      if (isStarted) return
      isStarted = true
      console.log(`on ${word.names.join(", ")}`)
      for (const reason of word.absent) console.log(`not on ${reason}`)
      return
    case "at":
      at = word
      return
    case "found":
      return found(word.signature, word.text)
    case "tally":
      for (const key of Object.keys(total) as Array<keyof Tally>) total[key] += word.tally[key]
      if (Date.now() - told < 60_000) return
      told = Date.now()
      console.log(`${count(total.programs)} programs so far`)
  }
}

/** Runs programs from one on in a process, until it ends; gives whether it ended as it should. */
const run = (order: Order): Promise<boolean> =>
  new Promise((resolve) => {
    const child = fork(new URL("./process.ts", import.meta.url), {
      execArgv: ["--conditions=@noema/source"],
      env: withDriver(process.env),
      stdio: ["ignore", "inherit", "pipe", "ipc"]
    })
    let noise = ""
    child.stderr!.on("data", (chunk: Buffer) => (noise = (noise + chunk.toString()).slice(-2000)))
    let late = false
    let timer = setTimeout(() => {}, 0)
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        late = true
        child.kill("SIGKILL")
      }, patience * 1000)
    }
    wait()
    child.on("message", (word) => {
      wait()
      heard(word as Word)
    })
    child.on("exit", (code, signal) => {
      clearTimeout(timer)
      if (late) lost(`no end after ${patience} s`)
      else if (code !== 0) lost(`the process ended with ${signal ?? `exit code ${code}`}: ${noise}`)
      resolve(!late && code === 0)
    })
    child.send(order)
  })

const end = from + (programs ?? Number.MAX_SAFE_INTEGER - from)
for (let next = from; next < end && Date.now() < until;) {
  const ended = await run({ seed, from: next, programs: end - next, until, devices: values.device })
  if (ended) break
  next = at.index + 1
}

const seconds = Math.round((Date.now() - started) / 1000)
console.log(
  `\n${count(total.programs)} programs of seed ${seed} in ${count(seconds)} s: ${count(total.runs)} runs, ` +
    `${count(total.judged)} outputs held to the reference, ${count(total.undecided)} undecided; ` +
    `${finds.size === 0 ? "no discrepancy" : `${finds.size} discrepancies`}`
)
for (const [signature, times] of finds) console.log(`${times} x ${signature.split("\n")[0]!}`)
process.exitCode = finds.size === 0 ? 0 : 1
