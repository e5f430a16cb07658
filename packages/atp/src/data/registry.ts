import { arithmeticTask, easyTask } from "./arithmetic.ts"
import { cupsTask } from "./cups.ts"
import { fieldsOf } from "./registered.ts"
import { walkTask } from "./walk.ts"

/**
 * The generated tasks by the name they have on the command line. A new task is a file beside these and a line here.
 *
 * @example
 * Task.tasks.walk.with().name // => "walk on 6 places"
 * Object.keys(Task.tasks).slice(0, 2) // => ["arithmetic", "walk"]
 */
export const tasks = {
  arithmetic: arithmeticTask,
  walk: walkTask,
  cups: cupsTask,
  easy: easyTask
} as const

/** A generated task by name. */
export type TaskName = keyof typeof tasks
/**
 * The names of all generated tasks.
 *
 * @example
 * Task.taskNames.slice(0, 3) // => ["arithmetic", "walk", "cups"]
 */
export const taskNames = Object.keys(tasks) as ReadonlyArray<TaskName>

/** The fields of a config that hold their options. */
export const taskFields = fieldsOf(tasks)
/** The names of those that have options. */
export const optionedTasks = Object.keys(taskFields) as ReadonlyArray<keyof typeof taskFields>

/**
 * Chains of operators, modulo 7 unless told, of which each may be reduced in any legal order. Throws where options are not
 * sound.
 *
 * @example
 * const task = Task.arithmetic({ values: 11, steps: 2 })
 * task.name // => "arithmetic modulo 11"
 * task.draw(Key.fromSeed(1), "train") // => { question: "7 + 4 + 2", steps: ["7 + 4 = 0", "0 + 2 = 2"], answer: "2" }
 * task.chance // => 1 / 11
 */
export const arithmetic = arithmeticTask.with
/**
 * Edges of a shuffled ring to follow (after ProsQA, arXiv 2412.06769): each step is an edge. Throws where options are not sound.
 *
 * @example
 * const task = Task.walk({ nodes: 4, steps: 2 })
 * task.draw(Key.fromSeed(1), "train")
 * // => { question: "h > c g > d h > g c > d d > f f > h ? d 1", steps: ["d > f"], answer: "f" }
 */
export const walk = walkTask.with
/**
 * Cups that change places over a ball: where is it in the end? (tracking a state, arXiv 2404.08819). Throws where options are
 * not sound.
 *
 * @example
 * const task = Task.cups({ cups: 3, steps: 2 })
 * task.draw(Key.fromSeed(1), "train", 2)
 * // => { question: "1 3 , 1 2 ? 2", steps: ["1 3 : 2 > 2", "1 2 : 2 > 1"], answer: "1" }
 */
export const cups = cupsTask.with
/**
 * Small integers to add up, without a modulus; a model of a hundred thousand numbers can do them in one pass.
 *
 * @example
 * Task.easy().name // => "arithmetic below 30"
 */
export const easy = easyTask.of
