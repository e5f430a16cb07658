import { stages } from "../layout/layout.ts"
import { variant } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { kl } from "../objective/kl.ts"
import { readOut } from "../objective/readOut.ts"
import { spelling } from "../objective/spelling.ts"
import { stopping } from "../objective/stopping.ts"
import { text } from "../objective/text.ts"
import { atpLatent } from "./atpLatent.ts"

/**
 * ATP-Latent with two terms that are not in its paper: what each step comes to can be read out of its latent, and the answer
 * follows the latents of whoever they are. The answer weighs as much as both ways to it do.
 *
 * @example
 * const terms = Methods.atpLatentGrounded.terms.map(({ name, weight }) => `${weight} ${name}`)
 * terms // => ["6 text", "6 interchange", "1 read-out", "1 steps", "1 stop", "0.001 kl"]
 */
export const atpLatentGrounded = variant(atpLatent, {
  name: "ATP-Latent, grounded",
  summary: "samples latents that hold what their steps come to, and answers by them alone",
  source: {
    paper: null,
    equation:
      "z_t = mu(h_t) + sigma(h_t) eps; loss = 6 CE(a | q, z) + 6 CE(a' | q, z') + CE(result of s_k | last z of group k) + what ATP-Latent adds for steps, stops and KL"
  },
  // With what steps come to in latents no spare one has to know the answer.
  layout: stages(),
  objective: [text(6), interchange(6), readOut(1), spelling(1, "steps"), stopping(1), kl(1e-3)]
})
