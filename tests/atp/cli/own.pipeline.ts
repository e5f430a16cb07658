/** A pipeline of one's own, as a module for the command line: its data set, its method and its reward have no name there. */
import { Methods, Pipeline, Reward, Task } from "@noema/atp"
import { mine } from "./own.method.ts"

const animals = Task.of(
  "animals",
  Array.from({ length: 60 }, (_, i) => ({
    question: `what does animal ${i % 6} say`,
    steps: [`animal ${i % 6} is of kind ${i % 3}`],
    answer: ["moo", "miaow", "woof"][i % 3]!
  })),
  { language: Task.plainText, steps: "facts", maxSteps: 2 }
)

export default Pipeline.pipeline({
  task: animals,
  method: mine,
  model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8, context: 30, vocabulary: 80 },
  supervised: { batch: 4, warmStart: 2, perStage: 1, final: 1 },
  reinforcement: { questions: 2, group: 4, minibatch: 8 },
  evaluate: 5
}).pipe(
  Pipeline.supervise(),
  Pipeline.evaluate({ card: true, passes: true }),
  Pipeline.withMethod(Methods.atpLatent),
  Pipeline.supervise(),
  Pipeline.reinforce({ reward: Reward.perAttempt("brief", [0, 1], ({ output }) => 1 / (1 + output.length)), rounds: 1 })
)
