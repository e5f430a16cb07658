import { commandTarget } from "./command.ts"
import { completionsTarget } from "./completions.ts"
import { dataTargets } from "./data.ts"
import type { Target } from "./judge.ts"
import { modelTargets } from "./model.ts"
import { optionsTargets } from "./options.ts"
import { runTarget } from "./run.ts"
import { weightsTarget } from "./weights.ts"

/** Everything that reads files, in one process; they write to `folder`. */
export const readers = async (folder: string): Promise<ReadonlyArray<Target>> => [
  weightsTarget,
  ...(await modelTargets(folder)),
  ...dataTargets(folder),
  ...(await optionsTargets(folder)),
  completionsTarget(folder)
]

/** All targets, each with how many of its cases take a turn: those that take long take few. */
export const targets = async (folder: string): Promise<ReadonlyArray<readonly [target: Target, turns: number]>> => [
  ...(await readers(folder)).map((target) => [target, 20] as const),
  [await runTarget(folder), 10],
  [commandTarget(folder), 1]
]
