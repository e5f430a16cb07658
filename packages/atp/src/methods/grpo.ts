import { variant } from "../method/method.ts"
import { noisyHiddenState } from "../policy/hiddenState.ts"
import { Advantage } from "../reinforce/index.ts"
import { simCot } from "./simCot.ts"

/** Plain GRPO on deterministic latents with fixed noise: what ATP-Latent's reinforcement is compared with. */
export const grpo = variant(simCot, {
  name: "GRPO on SIM-CoT",
  summary: "SIM-CoT, reinforced with fixed noise on its hidden states",
  reinforcement: {
    frozen: ["steps"],
    explore: (_, deviation) => noisyHiddenState(deviation),
    exploration: 0.1,
    advantage: Advantage.groupRelative()
  }
})
