import type { Method } from "../reasoning/method.ts"
import { stepDecoder } from "../reasoning/speaker.ts"
import { coconut } from "./coconut.ts"

/** SIM-CoT (arXiv 2509.20317): Coconut whose latents must spell their steps. */
export const simCot: Method<"unscored"> = {
  ...coconut,
  name: "SIM-CoT",
  summary: "Coconut with a decoder that spells each step from its latents",
  parts: { latentHead: false, stopHead: false, decoder: true },
  speaker: stepDecoder("train-only", "answer"),
  weights: { text: 1, steps: 1, stop: 0, divergence: 0 }
}
