/** A method of one's own, as a module for the command line. */
import { Layout, Method, Objective, Part, Policy, Stop } from "@noema/atp"

export const mine = Method.method({
  name: "Mine, which stops",
  summary: "feeds its hidden states back until a head on them says that it is enough",
  backbone: Part.llama,
  parts: { enough: Part.stopHead() },
  policy: () => Policy.hiddenState,
  stop: ({ enough }) => Stop.learned(enough),
  layout: Layout.stages(),
  objective: [Objective.text(1), Objective.stopping(1)]
})
