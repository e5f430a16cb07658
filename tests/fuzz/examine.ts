/** What is wrong with a subject on a device. */
import { Reference } from "@noema/tensor"
import type { Data } from "@noema/tensor/graph"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { FuzzDevice } from "./devices.ts"
import { execute, type Runtime } from "./execute.ts"
import { gradientFault } from "./oracle/differences.ts"
import type { Family } from "./oracle/margin.ts"
import { type Expected, expected, wrongElement } from "./oracle/verdict.ts"
import { type Subject, traced } from "./program/subject.ts"

export type Kind = "building" | "failure" | "numbers" | "check" | "gradient" | "time"

export interface Fault {
  readonly kind: Kind
  readonly what: string
}

/** What came of one subject on one device. */
export interface Judgement {
  readonly fault: Fault | null
  /** Outputs that were held to what was expected, and those about which nothing could be said. */
  readonly judged: number
  readonly undecided: number
}

/** Runs of the reference for a first look, and where that finds something. */
const few = 5
const many = 64

/** What is expected of a subject, worked out where it is asked for. */
export interface Oracle {
  readonly of: (family: Family, runs: number) => ReadonlyArray<Expected>
  /** What a check finds in it, or null. */
  readonly check: () => Promise<string | null>
}

const reference = ManagedRuntime.make(Reference.layer)

export const oracleOf = (subject: Subject): Oracle => {
  const graph = traced(subject)
  const known = new Map<string, ReadonlyArray<Expected>>()
  const data = subject.inputs.map((given) => given.data)
  return {
    of: (family, runs) => {
      const key = `${family} ${runs}`
      const found = known.get(key) ?? expected(graph, data, family, runs)
      known.set(key, found)
      return found
    },
    check: async () => {
      const { result } = await execute(subject, reference)
      return "check" in result ? result.check : null
    }
  }
}

const says = ({ isSettled, isSmall, isNormal }: Expected, { family, floatsOnly }: FuzzDevice): boolean =>
  isSettled && (isSmall || !floatsOnly) && (isNormal || family === "processor")

/** The outputs of a device against the oracle. */
export const compared = (oracle: Oracle, outputs: ReadonlyArray<Data>, device: FuzzDevice): Judgement => {
  let [judged, undecided] = [0, 0]
  for (const [j, found] of outputs.entries()) {
    const first = oracle.of(device.family, few)[j]!
    if (!says(first, device)) {
      undecided++
      continue
    }
    judged++
    if (wrongElement(first, found) === null) continue
    const closely = oracle.of(device.family, many)[j]!
    if (!says(closely, device)) undecided++
    else {
      const wrong = wrongElement(closely, found)
      if (wrong !== null) return { fault: { kind: "numbers", what: `output ${j}: ${wrong}` }, judged, undecided }
    }
  }
  return { fault: null, judged, undecided }
}

/** Seconds of processor time that a program may take on a device, compiled and run. */
export const mostSeconds = 5
/** Where a driver in software compiles shaders, which takes it a second for each kernel of a long chain. */
const mostSecondsOfDrivers = 20

/** Runs a subject on a device and judges what it gives. */
export const onDevice = async (
  subject: Subject,
  oracle: Oracle,
  device: FuzzDevice,
  runtime: Runtime,
  most = device.family === "processor" ? mostSeconds : mostSecondsOfDrivers
): Promise<Judgement> => {
  const { result, seconds } = await execute(subject, runtime)
  if ("wrong" in result) return { fault: { kind: "failure", what: result.wrong }, judged: 0, undecided: 0 }
  if (seconds > most)
    return { fault: { kind: "time", what: `${seconds.toFixed(1)} s of processor time` }, judged: 0, undecided: 0 }
  if (subject.form === "checked") {
    const wrong = await checkedOtherwise(oracle, "check" in result ? result.check : null, device)
    if (wrong !== undefined) return wrong
  }
  return compared(oracle, "outputs" in result ? result.outputs : [], device)
}

/**
 * Whether a check finds something where the reference does not, or nothing where it does; what is nearly infinite, or
 * too large for a device, decides nothing.
 */
const checkedOtherwise = async (
  oracle: Oracle,
  found: string | null,
  device: FuzzDevice
): Promise<Judgement | undefined> => {
  const wanted = await oracle.check()
  if (found === null && wanted === null) return undefined
  const outputs = oracle.of(device.family, few)
  const isSure = outputs.every((each) => each.isSettled && (each.isSmall || !device.floatsOnly))
  if (!isSure) return { fault: null, judged: 0, undecided: outputs.length }
  if (found !== null && wanted !== null) return { fault: null, judged: outputs.length, undecided: 0 }
  const what = `the check finds ${found ?? "nothing"} and on the reference ${wanted ?? "nothing"}`
  return { fault: { kind: "check", what }, judged: 0, undecided: 0 }
}

/** What the package says while a subject is built, where it should say nothing. */
export const whileBuilt = (subject: Subject): Fault | null => {
  try {
    traced(subject)
    return null
  } catch (error) {
    return { kind: "building", what: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

/** Gradients on the reference against finite differences. */
export const byDifferences = (subject: Subject): Judgement => {
  const what = gradientFault(subject)
  return {
    fault: typeof what === "string" ? { kind: "gradient", what } : null,
    judged: what === undefined ? 0 : 1,
    undecided: what === undefined ? 1 : 0
  }
}
