import { variant } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { readOut } from "../objective/readOut.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { simCot } from "./simCot.ts"

/**
 * SIM-CoT with the terms of grounded ATP-Latent: what is the terms' merit, and what the method's.
 *
 * @example
 * const terms = Methods.simCotGrounded.terms.map(({ name, weight }) => `${weight} ${name}`)
 * terms // => ["6 text", "6 interchange", "1 read-out", "1 steps"]
 */
export const simCotGrounded = variant(simCot, {
  name: "SIM-CoT, grounded",
  summary: "hidden states that spell their steps, hold what these come to, and are what the answer is read from",
  source: {
    paper: null,
    equation:
      "z_t = h_t; loss = 6 CE(a | q, z) + 6 CE(a' | q, z') + CE(result of s_k | last z of group k) + mean over k of -log p_decoder(s_k | z of group k)"
  },
  objective: [text(6), interchange(6), readOut(1), spelling(1, "steps")]
})
