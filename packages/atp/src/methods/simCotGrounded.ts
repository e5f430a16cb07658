import { variant } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { readOut } from "../objective/readOut.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { simCot } from "./simCot.ts"

/** SIM-CoT with the terms of grounded ATP-Latent: what is the terms' merit, and what the method's. */
export const simCotGrounded = variant(simCot, {
  name: "SIM-CoT, grounded",
  summary: "hidden states that spell their steps, hold what these come to, and are what the answer is read from",
  objective: [text(6), interchange(6), readOut(1), spelling(1, "steps")]
})
