import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { kl } from "../objective/kl.ts"
import { readOut } from "../objective/readOut.ts"
import { spelling } from "../objective/spelling.ts"
import { stopping } from "../objective/stopping.ts"
import { text } from "../objective/text.ts"
import { latentHead } from "../part/latentHead.ts"
import { llama } from "../part/llama.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { stopHead } from "../part/stopHead.ts"
import { gaussian } from "../policy/gaussian.ts"
import { Advantage, Coordinates } from "../reinforce/index.ts"
import { learned } from "../stop/stop.ts"

/**
 * ATP-Latent with two terms that are not in its paper: what each step comes to can be read out of its latent, and the answer
 * follows the latents of whoever they are. The answer weighs as much as both ways to it do.
 */
export const atpLatentGrounded = method({
  name: "ATP-Latent, grounded",
  summary: "samples latents that hold what their steps come to, and answers by them alone",
  backbone: llama,
  parts: { latent: latentHead(), stop: stopHead(), steps: stepDecoder() },
  policy: ({ latent }) => gaussian(latent),
  stop: ({ stop }) => learned(stop),
  speaker: ({ steps }) => steps,
  layout: stages(),
  objective: [text(6), interchange(6), readOut(1), spelling(1, "steps"), stopping(1), kl(1e-3)],
  reinforcement: {
    frozen: ["steps"],
    explore: ({ latent }, floor) => gaussian(latent, { floor }),
    exploration: 0.6,
    advantage: Advantage.leaveOneOut,
    reduce: { coordinates: Coordinates.mean }
  }
})
