import { variant } from "../method/method.ts"
import { noisyHiddenState } from "../policy/hiddenState.ts"
import { Advantage } from "../reinforce/index.ts"
import { simCot } from "./simCot.ts"

/**
 * Plain GRPO on deterministic latents with fixed noise: what ATP-Latent's reinforcement is compared with.
 *
 * @example
 * Methods.grpo.reinforcement?.frozen // => ["steps"]
 * Methods.grpo.reinforcement?.term.advantage.name // => "group-relative"
 */
export const grpo = variant(simCot, {
  name: "GRPO on SIM-CoT",
  summary: "SIM-CoT, reinforced with fixed noise on its hidden states",
  source: {
    paper: "arXiv 2402.03300, section 4.1",
    equation:
      "z_t = h_t + 0.1 eps; A_i = (r_i - mean r) / deviation of r; loss = -min(ratio A, clip(ratio, 1 - e, 1 + e) A)"
  },
  reinforcement: {
    frozen: ["steps"],
    explore: (_, deviation) => noisyHiddenState(deviation),
    exploration: 0.1,
    advantage: Advantage.groupRelative()
  }
})
