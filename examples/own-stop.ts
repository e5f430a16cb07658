/** A stop rule of your own, with parameters of its own: one linear map on the state that a latent was proposed in. */
import { Layout, Method, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"

const enough = Part.part({
  specs: { weight: Program.spec(["width", 2]), bias: Program.spec([2]) },
  init: { weight: Part.Initial.lecun, bias: Part.Initial.zeros },
  use: ({ bias, weight }) => Stop.rule("by state", ({ hidden }) => Tensor.dense(hidden, weight, bias))
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Method.method({
    name: "Coconut by state",
    summary: "feeds its hidden states back until one of them says that it is enough",
    backbone: Part.llama,
    parts: { enough },
    policy: () => Policy.hiddenState,
    stop: ({ enough }) => enough,
    layout: Layout.stages(),
    objective: [Objective.text(1), Objective.stopping(1)]
  }),
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
