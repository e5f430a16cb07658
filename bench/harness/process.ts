/** The side of the benchmark: a measured process as a source of candidates. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Case } from "./cases.ts"
import type { Candidate, Sample } from "./measure.ts"
import { mark } from "./protocol.ts"
import type { Reply, Request } from "./protocol.ts"

export interface ProcessSpec {
  readonly name: string
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
  /** Over this process's own; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

export interface PreparedCandidate extends Candidate {
  /** Mean absolute value of the result, to compare with ours. */
  readonly meanAbs: number
}

export interface MeasuredProcess {
  readonly name: string
  readonly version: string
  /** A candidate is valid until the next `prepare`. */
  readonly prepare: (request: Case) => Promise<PreparedCandidate | Absent>
  readonly close: () => void
}

/** Not there, and why; shown in the table in place of numbers. */
export interface Absent {
  readonly name: string
  readonly absent: string
}

export const isAbsent = (value: object): value is Absent => "absent" in value

const patience = 180_000

/** Starts the process and waits until it says it is ready. */
export const startProcess = async (spec: ProcessSpec): Promise<MeasuredProcess | Absent> => {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    stdio: ["pipe", "pipe", "pipe"]
  })
  let complaint = ""
  child.stderr.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)))
  child.stdin.on("error", () => undefined)
  let settle: ((reply: Reply) => void) | undefined
  let ended: string | undefined
  const finish = (reason: string) => {
    ended ??= reason
    settle?.({ is: "refused", reason: ended })
  }
  child.on("error", (error) => finish(error.message))
  child.on("close", (code, signal) => {
    const last = complaint.trim().split("\n").at(-1)
    finish(`ended with ${signal ?? `status ${code}`}${last ? `: ${last}` : ""}`)
  })
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith(mark)) settle?.(JSON.parse(line.slice(mark.length)) as Reply)
  })
  const next = () =>
    new Promise<Reply>((resolve) => {
      if (ended !== undefined) return resolve({ is: "refused", reason: ended })
      const timer = setTimeout(() => {
        finish(`no answer within ${patience / 1000} s`)
        child.kill("SIGKILL")
      }, patience)
      settle = (reply) => {
        clearTimeout(timer)
        settle = undefined
        resolve(reply)
      }
    })
  const ask = (request: Request) => {
    const reply = next()
    if (ended === undefined) child.stdin.write(`${JSON.stringify(request)}\n`)
    return reply
  }
  const absent = (reply: Reply): Absent => ({
    name: spec.name,
    absent: reply.is === "refused" ? reply.reason : `unexpected reply ${reply.is}`
  })

  const first = await next()
  if (first.is !== "ready") {
    child.kill()
    return absent(first)
  }
  return {
    name: spec.name,
    version: first.version,
    prepare: async (request) => {
      const reply = await ask({ ask: "prepare", case: request })
      if (reply.is !== "prepared") return absent(reply)
      const measure = async (calls: number): Promise<Sample> => {
        const answer = await ask({ ask: "measure", calls })
        if (answer.is !== "sample") throw new Error(`${spec.name}: ${absent(answer).absent}`)
        return answer.sample
      }
      return { name: spec.name, meanAbs: reply.meanAbs, measure }
    },
    close: () => {
      child.stdin.end()
      child.kill()
    }
  }
}

/** A TypeScript file of the benchmark as a process of its own, for instance to give it other engine flags. */
export const nodeProcess = (
  name: string,
  script: URL,
  options: { readonly nodeArgs?: ReadonlyArray<string>; readonly env?: Readonly<Record<string, string>> } = {}
): Promise<MeasuredProcess | Absent> =>
  startProcess({
    name,
    command: process.execPath,
    args: ["--conditions=@noema/source", ...(options.nodeArgs ?? []), script.pathname],
    env: options.env ?? {}
  })
