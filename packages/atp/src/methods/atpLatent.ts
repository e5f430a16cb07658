import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { kl } from "../objective/kl.ts"
import { spelling } from "../objective/spelling.ts"
import { stopping } from "../objective/stopping.ts"
import { text } from "../objective/text.ts"
import { latentHead } from "../part/latentHead.ts"
import { llama } from "../part/llama.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { stopHead } from "../part/stopHead.ts"
import { gaussian } from "../policy/gaussian.ts"
import { Advantage, Estimator, Replay, Tokens } from "../reinforce/index.ts"
import { learned } from "../stop/stop.ts"

/**
 * ATP-Latent (arXiv 2601.21598): latents are sampled from a learned Gaussian close to N(0, I), a head on the latent says
 * when to stop, a decoder spells each step, and reinforcement plans actively over all three.
 *
 * @example
 * Methods.atpLatent.partNames // => ["latent", "stop", "steps"]
 * Methods.atpLatent.terms.map(({ name, weight }) => `${weight} ${name}`).join(" + ")
 * // => "1 text + 1 steps + 1 stop + 0.001 kl"
 * Methods.atpLatent.reinforcement?.term.estimator.name // => "reparameterised"
 */
export const atpLatent = method({
  name: "ATP-Latent",
  summary: "samples its latents, stops by itself, and is reinforced for coherent chains",
  source: {
    paper: "arXiv 2601.21598",
    equation:
      "z_t = mu(h_t) + sigma(h_t) eps, eps ~ N(0, I); p(stop | z_t) = softmax(W2 gelu(W1 z_t)); loss = CE(a | q, z) - mean over k of log p_decoder(s_k | z of group k) + CE(stop) + 1e-3 KL(z || N(0, I)); reward = correct + 0.5 format + 0.1 coherence where correct"
  },
  backbone: llama,
  parts: { latent: latentHead(), stop: stopHead(), steps: stepDecoder() },
  policy: ({ latent }) => gaussian(latent),
  stop: ({ stop }) => learned(stop),
  speaker: ({ steps }) => steps,
  // Released are spare groups that say nothing; a latent that has to know the answer did better on validation questions.
  layout: stages({ spare: "answer", extra: 1 }),
  objective: [text(1), spelling(1, "steps"), stopping(1), kl(1e-3)],
  reinforcement: {
    frozen: ["steps"],
    // Learned deviations shrink to a tenth; without a floor there is nothing to explore.
    explore: ({ latent }, floor) => gaussian(latent, { floor }),
    exploration: 0.4,
    estimator: Estimator.reparameterised,
    advantage: Advantage.leaveOneOut,
    reduce: { tokens: Tokens.sum },
    replay: Replay.chains(64, { weight: 0.2 })
  }
})
