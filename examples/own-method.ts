/**
 * A method of your own: Coconut that decides by itself how many hidden states it needs, trained beside plain Coconut.
 * `npm run example -- own-method`, or any method alone: `noema train my-method.ts`.
 */
import { Layout, Method, Methods, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"

// A method is a record of parts and of functions of them; this one is Coconut with a head of its own, which says when to
// stop, and a term that trains it. A function that reads a part which the record lacks does not compile.
export const coconutThatStops = Method.method({
  name: "Coconut that stops",
  summary: "feeds its hidden states back until a head on them says that it is enough",
  backbone: Part.llama,
  parts: { enough: Part.stopHead() },
  policy: () => Policy.hiddenState,
  stop: ({ enough }) => Stop.learned(enough),
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.stopping(1)]
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: coconutThatStops,
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(
  Pipeline.supervise(),
  Pipeline.evaluate({ sets: ["id"] }),
  Pipeline.branch({
    coconut: (run) =>
      run.pipe(Pipeline.withMethod(Methods.coconut), Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
  })
)
