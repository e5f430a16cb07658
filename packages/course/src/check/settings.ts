/** What the small models learn, and how. */
import { Task } from "@noema/atp"

/** Chains of one to three additions and subtractions modulo 5. */
export const task = Task.arithmetic({ values: 5, steps: 3, distractors: 0 })
/** Of one or two, which is learnt in seconds; there are 51 questions of it that nobody has seen. */
export const shortTask = Task.arithmetic({ values: 5, steps: 2, distractors: 0 })
export const sizes = { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 }
export const supervised = { problems: 4000, batch: 64, learningRate: 3e-3 }
/** Judged on new questions like those that they learnt from. */
export const ofTests = { sets: ["id"] } as const
