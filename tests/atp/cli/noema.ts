/** The real command line as a process, and a run small enough to be trained by it in a second. */
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../../packages/atp/src/cli/start.ts", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly text: string
  /** What went to standard error. */
  readonly complaint: string
}

export interface ProcessOptions {
  /** Asked often; the process gets the signal when it says so. */
  readonly endWhen?: () => boolean
  readonly signal?: NodeJS.Signals
  /** The most kilobytes a file may have, as a disk that is full. */
  readonly fileKilobytes?: number
}

/** Runs the command line to its end. */
export const noema = (args: ReadonlyArray<string>, options: ProcessOptions = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [process.execPath, "--conditions=@noema/source", main, ...args]
    const child =
      options.fileKilobytes === undefined
        ? spawn(command[0]!, command.slice(1))
        : spawn("bash", ["-c", `ulimit -f ${options.fileKilobytes}; exec "$@"`, "bash", ...command])
    let text = ""
    let complaint = ""
    child.stdout.on("data", (part) => (text += part))
    child.stderr.on("data", (part) => {
      text += part
      complaint += part
    })
    const watch = setInterval(() => options.endWhen?.() === true && child.kill(options.signal ?? "SIGKILL"), 20)
    child.on("close", (code) => {
      clearInterval(watch)
      resolve({ code, text, complaint })
    })
  })

export const folder = () => mkdtempSync(join(tmpdir(), "noema-cli-"))

export const tiny = [
  "model.width=8",
  "model.layers=1",
  "model.heads=2",
  "model.kvHeads=1",
  "model.hidden=8",
  "arithmetic.steps=1",
  "supervised.problems=50",
  "supervised.batch=8",
  "supervised.warmStart=250",
  "supervised.perStage=1",
  "supervised.final=1",
  "evaluate=4"
].flatMap((option) => ["--set", option])

/** Threads of this machine, one of them: quick to start, and nothing else is looked for. */
export const oneThread = ["--device", "wasm", "--threads", "1"]
