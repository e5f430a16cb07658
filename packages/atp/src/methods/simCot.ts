import { stages } from "../layout/layout.ts"
import { variant } from "../method/method.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { coconut } from "./coconut.ts"

/**
 * SIM-CoT (arXiv 2509.20317): Coconut whose latents must spell their steps, and spare ones the answer.
 *
 * @example
 * Methods.simCot.speaks // => true
 * Methods.simCot.terms.map(({ name }) => name) // => ["text", "steps"]
 */
export const simCot = variant(coconut, {
  name: "SIM-CoT",
  summary: "Coconut with a decoder that spells each step from its latents",
  source: {
    paper: "arXiv 2509.20317, section 3",
    equation: "z_t = h_t; loss = CE(a | q, z) + mean over k of -log p_decoder(s_k | z of group k)"
  },
  parts: { steps: stepDecoder() },
  speaker: ({ steps }) => steps,
  layout: stages({ spare: "answer" }),
  objective: [text(1), spelling(1, "steps")]
})
