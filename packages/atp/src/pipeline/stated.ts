/** What a pipeline says, apart from how it is run. */
import type { Task } from "../data/task.ts"
import type { Tree } from "../input/tree.ts"
import type { Method } from "../method/method.ts"
import type { RunConfig } from "../train/config.ts"
import type { Stage } from "./stage.ts"

/** A data set, a method, and stages. `E` is what the data set and the rewards may fail with, and `R` what they need. */
export interface Stated<out E, out R> {
  readonly task: Task<E, R>
  /** What stages that are added are about. */
  readonly method: Method
  /** Options of the run, as plain data. */
  readonly options: Tree
  /** What of the options is written down as what the run was begun with. */
  readonly record: (config: RunConfig) => Tree
  readonly stages: ReadonlyArray<Stage<E, R>>
}
