import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { hiddenState, noisyHiddenState } from "../policy/hiddenState.ts"
import { Advantage } from "../reinforce/index.ts"
import { fixedCount } from "../stop/stop.ts"

/** Plain GRPO on deterministic latents with fixed noise: what ATP-Latent's reinforcement is compared with. */
export const grpo = method({
  name: "GRPO on SIM-CoT",
  summary: "SIM-CoT, reinforced with fixed noise on its hidden states",
  backbone: llama,
  parts: { steps: stepDecoder() },
  policy: () => hiddenState,
  stop: () => fixedCount,
  speaker: ({ steps }) => steps,
  layout: stages({ spare: "answer" }),
  objective: [text(1), spelling(1, "steps")],
  reinforcement: {
    frozen: ["steps"],
    explore: (_, deviation) => noisyHiddenState(deviation),
    exploration: 0.1,
    advantage: Advantage.groupRelative()
  }
})
