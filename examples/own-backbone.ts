/**
 * A backbone of your own under a method that is there: a stack of LLaMA's layers between tables as Gemma 2 has them
 * (arXiv 2408.00118, section 2): rows times the root of the width, and logits that bend at 30.
 */
import { Layout, Method, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"

const gemma = Part.part({
  specs: ({ layers }) => ({ embedding: Program.spec(["vocabulary", "width"]), ...Part.stackSpecs(layers) }),
  init: ({ layers, width }) => ({
    embedding: Part.Initial.normal(1 / Math.sqrt(width)),
    ...Part.initialStack(layers)
  }),
  use: ({ embedding, ...stack }, { sizes }: Pick<Part.Around, "sizes">): Part.Backbone => {
    const table = Tensor.mul(embedding, Math.sqrt(sizes.width))
    return {
      ...Part.transformer(stack, sizes),
      table,
      embed: (symbols) => Tensor.embed(table, symbols),
      logits: (hidden) => Tensor.mul(Tensor.tanh(Tensor.div(Tensor.dense(hidden, Tensor.transpose(embedding)), 30)), 30)
    }
  }
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Method.method({
    name: "Coconut on Gemma",
    summary: "feeds its hidden states back through another backbone",
    backbone: gemma,
    parts: {},
    policy: () => Policy.hiddenState,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective: [Objective.text(1)]
  }),
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
