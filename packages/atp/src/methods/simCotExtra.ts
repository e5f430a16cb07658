import { stages } from "../layout/layout.ts"
import { variant } from "../method/method.ts"
import { simCot } from "./simCot.ts"

/**
 * SIM-CoT with one latent group more than the longest chain has steps, so that after every chain one spells the answer.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * Methods.simCotExtra.layout.phases(budget).map(({ latentSteps }) => latentSteps) // => [1, 3, 3]
 */
export const simCotExtra = variant(simCot, {
  name: "SIM-CoT, one more latent",
  summary: "SIM-CoT with a latent after its last step that spells the answer",
  layout: stages({ spare: "answer", extra: 1 })
})
