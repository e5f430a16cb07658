import { variant } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { readOut } from "../objective/readOut.ts"
import { text } from "../objective/text.ts"
import { coconut } from "./coconut.ts"

/**
 * Coconut with the terms of grounded ATP-Latent, and nothing that spells its steps.
 *
 * @example
 * const terms = Methods.coconutGrounded.terms.map(({ name, weight }) => `${weight} ${name}`)
 * terms // => ["6 text", "6 interchange", "1 read-out"]
 */
export const coconutGrounded = variant(coconut, {
  name: "Coconut, grounded",
  summary: "hidden states that hold what their steps come to, and are what the answer is read from",
  source: {
    paper: null,
    equation:
      "z_t = h_t; loss = 6 CE(a | q, z) + 6 CE(a' | q, z') with z' the latents of another question and a' what follows from them + CE(result of s_k | last z of group k)"
  },
  objective: [text(6), interchange(6), readOut(1)]
})
