/** Many programs of one seed on the devices of this machine, with what is found in small. */
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { FuzzDevice } from "./devices.ts"
import { byDifferences, type Fault, type Judgement, onDevice, oracleOf, whileBuilt } from "./examine.ts"
import type { Runtime } from "./execute.ts"
import { generate } from "./generate/generate.ts"
import { minimised } from "./minimise/minimise.ts"
import type { Program } from "./program/program.ts"
import { printed } from "./program/print.ts"
import { subjectOf } from "./program/subject.ts"

export interface Opened {
  readonly device: FuzzDevice
  readonly runtime: Runtime
}

export const opened = (devices: ReadonlyArray<FuzzDevice>): ReadonlyArray<Opened> =>
  devices.map((device) => ({ device, runtime: ManagedRuntime.make(device.layer) }))

export const closed = async (devices: ReadonlyArray<Opened>): Promise<void> => {
  for (const { runtime } of devices) await runtime.dispose()
}

/** A fault, where it was found, and the smallest program that has it. */
export interface Found {
  readonly index: number
  /** A device, `any device`, or the reference with finite differences. */
  readonly on: string
  readonly fault: Fault
  readonly program: Program
}

/** What was done. */
export interface Tally {
  programs: number
  runs: number
  judged: number
  undecided: number
}

export const nothing = (): Tally => ({ programs: 0, runs: 0, judged: 0, undecided: 0 })

interface Try {
  readonly on: string
  readonly judge: (program: Program) => Promise<Judgement>
}

/** Chains of many calls say nothing about finite differences, and cost much. */
const mostCalls = 60

const triesOf = (program: Program, index: number, devices: ReadonlyArray<Opened>): ReadonlyArray<Try> => {
  const onDevices = devices
    .filter(({ device }) => index % device.oneIn === 0 && !(program.form === "checked" && device.unchecked === true))
    .map(({ device, runtime }) => ({
      on: device.name,
      judge: (program: Program) => {
        const subject = subjectOf(program)
        return onDevice(subject, oracleOf(subject), device, runtime)
      }
    }))
  const differences = { on: "finite differences", judge: async (program: Program) => byDifferences(subjectOf(program)) }
  return program.gradient || program.calls.length > mostCalls ? onDevices : [...onDevices, differences]
}

export interface Options {
  readonly seed: number
  readonly devices: ReadonlyArray<Opened>
  /** What is tried next, for whoever watches. */
  readonly before?: (index: number, on: string) => void
  /** Seconds for making one find small. */
  readonly seconds?: number
}

/** Tries one program everywhere. Each device that fails gives a find; one that fails as another did gives none. */
export const tried = async (index: number, options: Options, tally: Tally): Promise<ReadonlyArray<Found>> => {
  const { before = () => {}, devices, seconds = 20, seed } = options
  const program = generate(seed, index)
  tally.programs++
  before(index, "building")
  const fault = whileBuilt(subjectOf(program))
  if (fault !== null) {
    const fails = async (each: Program) => whileBuilt(subjectOf(each))?.what === fault.what
    return [{ index, on: "any device", fault, program: await minimised(program, fails, { tries: 2000, seconds }) }]
  }
  const found: Array<Found> = []
  for (const { judge, on } of triesOf(program, index, devices)) {
    before(index, on)
    const judgement = await judge(program)
    tally.runs++
    tally.judged += judgement.judged
    tally.undecided += judgement.undecided
    if (judgement.fault === null || (await isKnown(found, judge, judgement.fault))) continue
    before(index, `${on}, made small`)
    const small = await smallest(program, judge, judgement.fault, seconds)
    found.push({ index, on, fault: small.fault, program: small.program })
  }
  return found
}

/** Whether what another device failed by fails on this one too. */
const isKnown = async (found: ReadonlyArray<Found>, judge: Try["judge"], { kind }: Fault): Promise<boolean> => {
  for (const { fault, program } of found)
    if (fault.kind === kind && (await judge(program)).fault?.kind === kind) return true
  return false
}

/** What takes too long is not tried again and again. */
const smallest = async (program: Program, judge: Try["judge"], fault: Fault, seconds: number) => {
  if (fault.kind === "time") return { program, fault }
  let last = fault
  const fails = async (each: Program): Promise<boolean> => {
    if (whileBuilt(subjectOf(each)) !== null) return false
    const judgement = await judge(each)
    if (judgement.fault?.kind !== fault.kind) return false
    last = judgement.fault
    return true
  }
  const small = await minimised(program, fails, { tries: 2000, seconds })
  return { program: small, fault: last }
}

/** What two finds have in common that are one fault: the kind, and the functions that are called. */
export const signature = ({ fault, on, program }: Found): string =>
  [fault.kind, on.replace(/-.*/, ""), ...new Set(program.calls.map(({ fn }) => fn))].join(" ")

const firstLine = (text: string): string => text.split("\n")[0]!.slice(0, 200)

const mostPrinted = 40

/** A find as text: what happened, how to see it again, and a test. */
export const described = (found: Found, seed: number): string => {
  const { fault, index, on, program } = found
  const head = `${fault.kind} on ${on}, program ${index} of seed ${seed}: ${firstLine(fault.what)}`
  const { calls } = program
  const test =
    calls.length > mostPrinted
      ? `${calls.length} calls, the first of which are\n${printed({ ...program, calls: calls.slice(0, 8) }, "")}`
      : printed(program, `${fault.kind} on ${on}`)
  return `${head}\n${test}`
}
