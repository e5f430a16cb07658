/** Events of a run: how they are told, and how they stand in its metrics. */
import * as Console from "effect/Console"
import type { RewardFailed } from "../rewards/errors.ts"

/** Tells of a failed reward on standard error. */
export const toConsole = (stage: string, { message }: RewardFailed<unknown>) => Console.error(`${stage}: ${message}`)

/** An event as a line of the metrics. */
export const entryOf = (
  stage: string,
  { _tag, attempts, did, groups, message, of, reward, round }: RewardFailed<unknown>
) => ({
  stage,
  update: round,
  event: _tag,
  reward,
  attempts,
  of,
  groups,
  did,
  message
})
