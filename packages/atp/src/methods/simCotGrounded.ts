import { stages } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { interchange } from "../objective/interchange.ts"
import { readOut } from "../objective/readOut.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { stepDecoder } from "../part/stepDecoder.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/** SIM-CoT with the terms of grounded ATP-Latent: what is the terms' merit, and what the method's. */
export const simCotGrounded = method({
  name: "SIM-CoT, grounded",
  summary: "hidden states that spell their steps, hold what these come to, and are what the answer is read from",
  backbone: llama,
  parts: { steps: stepDecoder() },
  policy: () => hiddenState,
  stop: () => fixedCount,
  speaker: ({ steps }) => steps,
  layout: stages({ spare: "answer" }),
  objective: [text(6), interchange(6), readOut(1), spelling(1, "steps")]
})
