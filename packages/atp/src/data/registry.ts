import { arithmeticTask, easyTask } from "./arithmetic.ts"
import { fieldsOf } from "./registered.ts"
import { walkTask } from "./walk.ts"

/** The generated tasks by the name they have on the command line. A new task is a file beside these and a line here. */
export const tasks = {
  arithmetic: arithmeticTask,
  walk: walkTask,
  easy: easyTask
} as const

/** A generated task by name. */
export type TaskName = keyof typeof tasks
/** The names of all generated tasks. */
export const taskNames = Object.keys(tasks) as ReadonlyArray<TaskName>

/** The fields of a config that hold their options. */
export const taskFields = fieldsOf(tasks)
/** The names of those that have options. */
export const optionedTasks = Object.keys(taskFields) as ReadonlyArray<keyof typeof taskFields>
