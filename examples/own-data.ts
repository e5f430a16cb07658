/** A data set of your own: a CSV file of questions, chains and answers. A small model learns to write the chains. */
import { Methods, Pipeline, Task } from "@noema/atp"

const fruit = Task.fromLines(`${import.meta.dirname}/own-data.csv`, {
  expected: "question,steps,answer",
  read: (line) => {
    const [question, steps, answer] = line.split(",")
    return answer === undefined ? null : { question: question!, steps: steps!.split(" "), answer }
  }
})

export default Pipeline.pipeline({
  task: fruit,
  method: Methods.cot,
  model: { vocabulary: 80 },
  supervised: { batch: 32, warmStart: 300, perStage: 10, final: 40 }
}).pipe(Pipeline.supervise(), Pipeline.evaluate())
