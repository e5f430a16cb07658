/**
 * What is done: a method is trained on chains of additions modulo 5, then reinforced by your reward, and judged before and
 * after. `npm start` runs it in `runs/first`; stop it and start it again, and it goes on where it was.
 */
import { Pipeline, Task } from "@noema/atp"
import { myMethod } from "./method.ts"
import { reward } from "./reward.ts"

export default Pipeline.pipeline({
  task: Task.arithmetic({ values: 5, steps: 2, distractors: 0 }),
  method: myMethod,
  model: { width: 32, layers: 2, heads: 2, kvHeads: 2, hidden: 64 },
  supervised: { problems: 1000, batch: 32, warmStart: 300, perStage: 300, final: 600, learningRate: 3e-3 },
  evaluate: 200
}).pipe(
  Pipeline.supervise(),
  Pipeline.evaluate({ sets: ["id"], card: true }),
  Pipeline.reinforce({ reward, rounds: 20, questions: 32, minibatch: 64 }),
  Pipeline.evaluate({ sets: ["id"], card: true })
)
