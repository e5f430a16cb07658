/**
 * Who holds a lock: a process, described so that others can tell whether it still lives. A number of a process means
 * something only within one start of a system and one space of process numbers, and is used again, so all three stand in it.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

/** A process that holds, or held, a lock. */
export interface Holder {
  /** Name of its machine or container, for people. */
  readonly host: string
  /** The start of its system; empty where the system does not say. */
  readonly boot: string
  /** The space its number is from: containers have spaces of their own. */
  readonly space: string
  readonly pid: number
  /** When it began, in ticks of its system; a later process with its number began later. */
  readonly start: string
  /** Drawn anew for every lock. */
  readonly token: string
}

/** Whether a process lives; `unseen` where that cannot be told from here. */
export type Life = "alive" | "gone" | "unseen"

const read = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.orElseSucceed(files.readFileString(file), () => ""))

const hostName = (): string => process.getBuiltinModule("node:os").hostname()

/** The state and the start of a process, from what Linux says of it. Its name comes first and may hold anything. */
const statusOf = (text: string): { readonly state: string; readonly start: string } | null => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return fields.length > 19 ? { state: fields[0]!, start: fields[19]! } : null
}

/** This process, with a token of its own. */
export const holderHere: Effect.Effect<Holder, never, FileSystem.FileSystem> = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return {
    host: hostName(),
    boot: (yield* read("/proc/sys/kernel/random/boot_id")).trim(),
    space: yield* Effect.orElseSucceed(files.readLink("/proc/self/ns/pid"), () => ""),
    pid: process.pid,
    start: statusOf(yield* read("/proc/self/stat"))?.start ?? "",
    token: crypto.randomUUID()
  }
})

const hasNumber = (pid: number): boolean => {
  try {
    // Signal 0 is not sent; it only asks whether it could be.
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Whether a holder lives, as seen by `here`. */
export const lifeOf = Effect.fnUntraced(function* (
  holder: Holder,
  here: Holder
): Effect.fn.Return<Life, never, FileSystem.FileSystem> {
  const sameSystem = here.boot === holder.boot && here.space === holder.space
  // Where the system does not tell its starts apart, its name has to do, and only for what is certainly gone.
  if (here.boot === "") return sameSystem && here.host === holder.host && !hasNumber(holder.pid) ? "gone" : "unseen"
  if (!sameSystem) return "unseen"
  if (!hasNumber(holder.pid)) return "gone"
  const status = statusOf(yield* read(`/proc/${holder.pid}/stat`))
  // A process that was killed keeps its number until its parent asks after it.
  return status !== null && (status.start !== holder.start || /[ZX]/.test(status.state)) ? "gone" : "alive"
})

/** A holder as it stands in a lock. */
export const encodeHolder = (holder: Holder): string => JSON.stringify(holder)

/** The holder that a lock names, or null where nothing did that writes locks. */
export const decodeHolder = (text: string): Holder | null => {
  try {
    const { boot, host, pid, space, start, token } = JSON.parse(text) as Holder
    const isText = [boot, host, space, start].every((each) => typeof each === "string")
    // The token becomes part of a file's name.
    const isToken = typeof token === "string" && /^[\w-]{1,64}$/.test(token)
    return isText && isToken && Number.isSafeInteger(pid) && pid > 0 ? { boot, host, pid, space, start, token } : null
  } catch {
    return null
  }
}
