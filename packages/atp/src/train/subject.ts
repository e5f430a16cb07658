/** What a run learns and is judged on: the data set that its config names, and which of it is held out. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { fromFiles } from "../data/corpus.ts"
import type { DataError } from "../data/errors.ts"
import type { GeneratedTask } from "../data/generated.ts"
import type { Problem } from "../data/problem.ts"
import { tasks } from "../data/registry.ts"
import type { Dataset, Task, Wanted } from "../data/task.ts"
import type { Key } from "../random/key.ts"
import type { RunConfig } from "./config.ts"

/** A data set as a run takes it. */
export interface Subject extends Omit<Dataset, "tests"> {
  /** Sets that the run is judged on, by name: the test sets, or the validation questions where it is to choose settings. */
  readonly tests: ReadonlyArray<readonly [name: string, problems: ReadonlyArray<Problem<"validation" | "test">>]>
}

/** Questions that a stage of reinforcement goes through. */
export const questionsOf = ({ reinforcement: { questions, rounds } }: Pick<RunConfig, "reinforcement">): number =>
  Math.max(64, questions * rounds)

/** What a config wants of its data set. */
export const wantedBy = (config: RunConfig): Wanted => ({
  train: config.supervised.problems,
  rl: questionsOf(config),
  heldOut: config.evaluate,
  context: config.model.context,
  groupSymbols: config.model.groupSymbols,
  vocabulary: config.model.vocabulary
})

/** A data set with what a config holds out of it. */
const judged = ({ heldOut }: RunConfig, { tests, ...dataset }: Dataset): Subject => ({
  ...dataset,
  tests: heldOut === "validation" ? [["validation", dataset.validation]] : tests
})

/** A task as the subject of a run, with so many questions for reinforcement. */
export const subjectOf = <E, R>(
  config: RunConfig,
  task: Task<E, R>,
  key: Key,
  rl = questionsOf(config)
): Effect.Effect<Subject, E, R> =>
  Effect.map(task.open({ ...wantedBy(config), rl }, key), (dataset) => judged(config, dataset))

/** The generated task a config names. */
export const taskOf = (config: RunConfig): GeneratedTask => tasks[config.task].of(config)

/** The generated task of a config as a subject. */
export const generated = (config: RunConfig, key: Key): Subject =>
  judged(config, taskOf(config).divided(wantedBy(config), key))

/** The data set a config names: generated, or a file with files to be tested on. */
export const namedTask = (config: RunConfig, tests: ReadonlyArray<string>): Task<DataError, FileSystem.FileSystem> =>
  config.data === undefined ? taskOf(config) : fromFiles(config.data, tests)
