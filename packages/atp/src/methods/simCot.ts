import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/** SIM-CoT (arXiv 2509.20317): Coconut whose latents must spell their steps. */
export const simCot = method({
  name: "SIM-CoT",
  summary: "Coconut with a decoder that spells each step from its latents",
  backbone: llama,
  parts: { steps: stepDecoder() },
  policy: () => hiddenState,
  stop: () => fixedCount,
  speaker: ({ steps }) => steps,
  layout: stages({ spare: "answer" }),
  objective: [text(1), spelling(1, "steps")]
})
