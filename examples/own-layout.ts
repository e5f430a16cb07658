/** A layout of your own: from the first update on half of the steps are latents, then all of them. */
import { Layout, Method, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"

const halfThenAll: Layout.Layout = {
  name: "half, then all",
  thinks: true,
  writes: "answer",
  spare: "nothing",
  phases: ({ final, maxSteps, perStage }) => [
    { name: "half", latentSteps: Math.ceil(maxSteps / 2), text: "remaining", updates: maxSteps * perStage },
    { name: "all", latentSteps: maxSteps, text: "none", updates: final }
  ]
}

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Method.method({
    name: "Coconut in two",
    summary: "feeds its hidden states back, in two stages",
    backbone: Part.llama,
    parts: {},
    policy: () => Policy.hiddenState,
    stop: () => Stop.fixedCount,
    layout: halfThenAll,
    objective: [Objective.text(1)]
  }),
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
