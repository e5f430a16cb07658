/** The command line within this process, which spares starting one: what it says, and what it would end with. */
import * as EffectConsole from "effect/Console"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { Console } from "node:console"
import { Writable } from "node:stream"
import { noema } from "../../../packages/atp/src/cli/noema.ts"
import type { Ended } from "./noema.ts"

/** The status of an effect that is run as a process runs it: what nobody has caught is told with all that is known of it. */
const status = (effect: Effect.Effect<void, unknown>): Promise<number> =>
  new Promise((resolve) =>
    Runtime.makeRunMain(({ fiber, teardown }) => fiber.addObserver((exit) => teardown(exit, resolve)))(effect)
  )

const lines = (stream: NodeJS.WriteStream) =>
  new Writable({ decodeStrings: false, write: (part: string, _, done) => (stream.write(part), done()) })

/** Runs the command line to its end, one at a time. */
export const here = async (args: ReadonlyArray<string>): Promise<Ended> => {
  const { stderr, stdout } = process
  const before = { console: globalThis.console, stdout: stdout.write, stderr: stderr.write, code: process.exitCode }
  let text = ""
  let complaint = ""
  stdout.write = (part: string | Uint8Array) => {
    text += String(part)
    return true
  }
  stderr.write = (part: string | Uint8Array) => {
    text += String(part)
    complaint += String(part)
    return true
  }
  process.exitCode = undefined
  globalThis.console = new Console(lines(stdout), lines(stderr))
  try {
    const ended = await status(Effect.provideService(noema(args), EffectConsole.Console, globalThis.console))
    return { code: ended === 0 ? Number(process.exitCode ?? 0) : ended, text, complaint }
  } finally {
    globalThis.console = before.console
    stdout.write = before.stdout
    stderr.write = before.stderr
    process.exitCode = before.code
  }
}
