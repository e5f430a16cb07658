import { stages } from "../layout/layout.ts"
import { variant } from "../method/method.ts"
import { gaussian } from "../policy/gaussian.ts"
import { released } from "../reinforce/index.ts"
import { atpLatent } from "./atpLatent.ts"

/**
 * ATP-Latent as its authors released it: spare latents say nothing, and its policy gradient is GRPO's over summed densities.
 *
 * @example
 * Methods.atpLatentReleased.layout.spare // => "nothing"
 * Methods.atpLatentReleased.reinforcement?.term.estimator.name // => "score function"
 */
export const atpLatentReleased = variant(atpLatent, {
  name: "ATP-Latent, released",
  summary: "ATP-Latent as released: there is always a spare latent group, which says nothing",
  layout: stages({ spare: "nothing", extra: 1 }),
  reinforcement: {
    frozen: ["steps"],
    explore: ({ latent }, floor) => gaussian(latent, { floor }),
    exploration: 0.6,
    ...released
  }
})
