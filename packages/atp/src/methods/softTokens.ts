import type { Method } from "../reasoning/method.ts"
import * as policy from "../reasoning/policy.ts"
import * as Reinforce from "../reinforce/index.ts"
import { coconut } from "./coconut.ts"

/** Soft Tokens (arXiv 2509.19170): mixtures of symbols are fed back, and noise on them is what is reinforced. */
export const softTokens: Method<"unscored"> = {
  ...coconut,
  name: "Soft Tokens",
  summary: "feeds mixtures of symbols back, and is reinforced with noise on them",
  policy: policy.softThinking({ temperature: 0.5 }),
  reinforcement: Reinforce.term({
    policy: policy.softTokens({ temperature: 0.5, noise: 0.33 }),
    advantage: Reinforce.Advantage.leaveOneOut
  })
}
