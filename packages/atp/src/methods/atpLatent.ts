import { type Method, stages } from "../reasoning/method.ts"
import { gaussianHead } from "../reasoning/policy.ts"
import { stepDecoder } from "../reasoning/speaker.ts"
import { learnedStop } from "../reasoning/stop.ts"
import * as Reinforce from "../reinforce/index.ts"

/**
 * ATP-Latent (arXiv 2601.21598): latents are sampled from a learned Gaussian close to N(0, I), a head on the latent says
 * when to stop, a decoder spells each step, and reinforcement plans actively over all three.
 */
export const atpLatent: Method<"scored"> = {
  name: "ATP-Latent",
  summary: "samples its latents, stops by itself, and is reinforced for coherent chains",
  parts: { latentHead: true, stopHead: true, decoder: true },
  policy: gaussianHead(),
  stop: learnedStop,
  speaker: stepDecoder("reward", "nothing"),
  weights: { text: 1, steps: 1, stop: 1, divergence: 1e-3 },
  curriculum: stages,
  reinforcement: Reinforce.term({
    // Learned deviations shrink to a tenth; without a floor there is nothing to explore and gradients explode.
    policy: gaussianHead(0.6),
    // Released are group-relative and sum, which did worse on validation questions.
    advantage: Reinforce.Advantage.leaveOneOut,
    reduce: { coordinates: Reinforce.Coordinates.mean }
  })
}
