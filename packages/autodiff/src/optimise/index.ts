/** `Optimiser`: gradient transformations and schedules, as pure functions. */
export {
  type AdamOptions,
  momentum,
  type MomentumOptions,
  type MovingAverage,
  movingAverage,
  scaleByAdam
} from "./momentum.ts"
export { NonFinite, nonFinite, refuseNonFinite, type Vitals, vitals } from "./non-finite.ts"
export { adam, adamw, type AdamWOptions, sgd, type SgdOptions } from "./optimisers.ts"
export { byLearningRate, clipByGlobalNorm, decayWeights, globalNorm, type Mask, scale } from "./scale.ts"
export * as Schedule from "./schedule.ts"
export { applyUpdates, chain, type OptimiserState, OptimiserStateError, type Transformation } from "./transformation.ts"
export { accumulate, masked, skipNonFinite, type Skipping } from "./wrap.ts"
