import { Tensor } from "@noema/tensor"
import { type Layout, updatesAfterWarmStart } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { spellingAtOnce } from "../objective/atOnce.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import type { StepPolicy } from "../policy/policy.ts"
import { fixedCount } from "../stop/stop.ts"
import { marcos } from "./marcos.ts"

/** Zeros, always. */
const nothing: StepPolicy<"unscored"> = {
  name: "nothing",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => {
    const mode = Tensor.zerosLike(hidden)
    return { mode, at: () => mode, logProb: undefined, kl: null }
  }
}

const onePhase: Layout = {
  ...marcos.layout,
  phases: (budget) =>
    marcos.layout
      .phases(budget)
      .slice(0, 1)
      .map(({ latentSteps, name, text }) => ({ name, latentSteps, text, updates: updatesAfterWarmStart(budget) }))
}

/**
 * MARCOS without randomness, as its paper trains it on pretrained models: the same bank, and nothing that is told of a step.
 *
 * @example
 * Methods.marcosPlain.partNames // => []
 * Methods.marcosPlain.terms.map(({ name }) => name) // => ["text", "steps", "steps at once"]
 */
export const marcosPlain = method({
  name: "MARCOS, plain",
  summary: "thinks in transitions of a bank of neurons, in which nothing is left to chance",
  source: {
    paper: "arXiv 2509.25020",
    equation: "N_k = Think([H; N_(k-1)]); s_k ~ Speak(shallow N_k); L = -log p(s_k | N_k) - log p_at_once(s_k | N_k)"
  },
  backbone: marcos.backbone,
  parts: {},
  policy: () => nothing,
  stop: () => fixedCount,
  speaker: ({ backbone }) => backbone,
  layout: onePhase,
  objective: [text(1), spelling(1, "backbone"), spellingAtOnce(1, "backbone")]
})
