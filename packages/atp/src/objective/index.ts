/** Terms of objectives, and what happened in a pass of training, which they are functions of. */
export { saidAtOnce, spellingAtOnce } from "./atOnce.ts"
export { distillation, teacher } from "./distillation.ts"
export { calling } from "./calling.ts"
export { freeBits } from "./freeBits.ts"
export { codesInUse, codesOf, quantisation, rebuilding } from "./coding.ts"
export type { Batch, Happened, Thought, Written } from "./happened.ts"
export { interchange } from "./interchange.ts"
export { kl } from "./kl.ts"
export { inOrder, marked, type MarksOf } from "./marked.ts"
export { contrast, pairLoss, pairLossByAction } from "./pairLoss.ts"
export { contrastive, dpo, type Preference, type PreferenceOptions } from "./preference.ts"
export { attemptScores, rankLoss } from "./rankLoss.ts"
export { prior } from "./prior.ts"
export { type Reader, readOut } from "./readOut.ts"
export { sparsity } from "./sparsity.ts"
export { negativeLogLikelihood, spelling, spelt } from "./spelling.ts"
export { compressedRows, tell } from "./tell.ts"
export { type LatentLoss, nextLatent, nextSymbol } from "./told.ts"
export { stopping } from "./stopping.ts"
export {
  aliveOf,
  type Disturbance,
  type Encoder,
  ending,
  pieces,
  sparseKl,
  superposed,
  taught
} from "./superposition.ts"
export type { Term } from "./term.ts"
export { text } from "./text.ts"
export { BadObjective } from "./errors.ts"
export { objectiveOf } from "./objective.ts"
export { ask, type Draw, drawnIn, readOn, think } from "./think.ts"
