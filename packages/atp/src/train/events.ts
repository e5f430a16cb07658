/** Events of a run: how they are told, and how they stand in its metrics. */
import * as Console from "effect/Console"
import type { RewardFailed } from "../rewards/errors.ts"
import type { Warning } from "./warnings.ts"

/** What there is to be told of beside reports: a reward that failed, or what a stage is warned of. */
export type RunEvent = RewardFailed<unknown> | Warning

/** Where a terminal shows a line of progress an event takes its place. */
const clear = (): string => (process.stderr.isTTY ? "\r\u001B[2K" : "")

/** Tells of an event on standard error. */
export const toConsole = (stage: string, { message }: RunEvent) => Console.error(`${clear()}${stage}: ${message}`)

/** An event as a line of the metrics: its name, what it says of itself, and its sentence. */
export const entryOf = (stage: string, event: RunEvent) => {
  const { _tag, message, round, ...told } = event
  const { error: _error, ...fields } = { error: null, ...told }
  return { stage, update: round, event: _tag, ...fields, message }
}
