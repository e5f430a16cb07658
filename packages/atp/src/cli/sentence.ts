/** What a command says: failures as one sentence, and nothing that a terminal would obey. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { plain } from "../input/shown.ts"

/** Signs of a line; what is longer is cut. */
const most = 2000

/** Text as it may be shown: its lines stay, and signs in them that a terminal would obey are written out. */
export const printable = (text: string): string =>
  text
    .split("\n")
    .map((line) =>
      (line.length > most ? `${line.slice(0, most)}... (${line.length} signs)` : line)
        .toWellFormed()
        .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`)
    )
    .join("\n")

/** The console, but for what comes from files and command lines and would move the cursor or worse. */
const careful: Console.Console = Object.assign(Object.create(globalThis.console) as Console.Console, {
  log: (text: unknown) => globalThis.console.log(printable(String(text))),
  error: (text: unknown) => globalThis.console.error(printable(String(text)))
})

/** Says what went wrong; the process ends with status 1. */
export const complain = ({ message }: { readonly message: string }): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stderr.write(`\n${plain(message, most)}\n`)
    process.exitCode = 1
  })

/** What a command does, with failures as one sentence. */
export const sentence = <A, E extends { readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A | void, never, R> =>
  effect.pipe(Effect.catch(complain), Effect.provideService(Console.Console, careful))

/** A word as a shell takes it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
