import { arithmeticTask, easyTask } from "./arithmetic.ts"
import { cupsTask } from "./cups.ts"
import { fieldsOf } from "./registered.ts"
import { walkTask } from "./walk.ts"

/** The generated tasks by the name they have on the command line. A new task is a file beside these and a line here. */
export const tasks = {
  arithmetic: arithmeticTask,
  walk: walkTask,
  cups: cupsTask,
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

/** Chains of operators, modulo 7 unless told: `Task.arithmetic({ values: 11, steps: 2 })`. */
export const arithmetic = arithmeticTask.with
/** Edges of a shuffled ring to follow: `Task.walk({ nodes: 5 })`. */
export const walk = walkTask.with
/** Cups that change places over a ball: `Task.cups({ cups: 5 })`. */
export const cups = cupsTask.with
/** Small integers to add up, without a modulus; a model of a hundred thousand numbers can do them in one pass. */
export const easy = easyTask.of
