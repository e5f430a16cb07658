/** A method of your own: a record of parts, and of functions of them. */
import { Layout, Method, Objective, Part, Policy, Reinforce, Stop } from "@noema/atp"

/**
 * Latents are drawn from a learned Gaussian, a head on each says whether it is the last, and a decoder spells the step that it
 * stands for. Change any field: a function that reads a part which is not there does not compile.
 */
export const myMethod = Method.method({
  name: "My method",
  summary: "thinks in latents that are drawn, and stops by itself",
  backbone: Part.llama,
  parts: { latent: Part.latentHead(), stop: Part.stopHead(), steps: Part.stepDecoder() },
  policy: ({ latent }) => Policy.gaussian(latent),
  stop: ({ stop }) => Stop.learned(stop),
  speaker: ({ steps }) => steps,
  layout: Layout.stages(),
  objective: [
    // The answer, read after its own latents and after those of another question, whose answer it is then.
    Objective.text(6),
    Objective.interchange(6),
    // What a step comes to can be read out of its latent.
    Objective.readOut(1),
    Objective.spelling(1, "steps"),
    Objective.stopping(1),
    Objective.kl(1e-3)
  ],
  reinforcement: {
    frozen: ["steps"],
    // Learned deviations shrink; without a floor there is nothing to explore.
    explore: ({ latent }, floor) => Policy.gaussian(latent, { floor }),
    exploration: 0.4,
    estimator: Reinforce.Estimator.reparameterised,
    advantage: Reinforce.Advantage.leaveOneOut,
    replay: Reinforce.Replay.chains(32, { weight: 0.2 })
  }
})
