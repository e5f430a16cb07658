import { stages } from "../layout/layout.ts"
import { variant } from "../method/method.ts"
import { simCot } from "./simCot.ts"

/** SIM-CoT with one latent group more than the longest chain has steps, so that after every chain one spells the answer. */
export const simCotExtra = variant(simCot, {
  name: "SIM-CoT, one more latent",
  summary: "SIM-CoT with a latent after its last step that spells the answer",
  layout: stages({ spare: "answer", extra: 1 })
})
