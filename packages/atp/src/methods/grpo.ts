import type { Method } from "../reasoning/method.ts"
import { noisyHiddenState } from "../reasoning/policy.ts"
import { stepDecoder } from "../reasoning/speaker.ts"
import * as Reinforce from "../reinforce/index.ts"
import { simCot } from "./simCot.ts"

/** Plain GRPO on deterministic latents with fixed noise: what ATP-Latent's reinforcement is compared with. */
export const grpo: Method<"unscored"> = {
  ...simCot,
  name: "GRPO on SIM-CoT",
  summary: "SIM-CoT, reinforced with fixed noise on its hidden states",
  speaker: stepDecoder("reward", "answer"),
  reinforcement: Reinforce.term({ policy: noisyHiddenState(0.1), advantage: Reinforce.Advantage.groupRelative() })
}
