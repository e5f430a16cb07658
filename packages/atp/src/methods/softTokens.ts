import { leaveOneOut } from "../reasoning/advantage.ts"
import type { Method } from "../reasoning/method.ts"
import * as policy from "../reasoning/policy.ts"
import { coconut } from "./coconut.ts"

/** Soft Tokens (arXiv 2509.19170): mixtures of symbols are fed back, and noise on them is what is reinforced. */
export const softTokens: Method<"unscored"> = {
  ...coconut,
  name: "Soft Tokens",
  summary: "feeds mixtures of symbols back, and is reinforced with noise on them",
  policy: policy.softThinking({ temperature: 0.5 }),
  reinforcement: {
    policy: policy.softTokens({ temperature: 0.5, noise: 0.33 }),
    advantage: leaveOneOut,
    clip: 0.2,
    logRatioLimit: 3,
    reduce: "sum"
  }
}
