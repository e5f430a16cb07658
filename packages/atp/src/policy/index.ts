/** Step policies: what the next latent is drawn from. */
export { draws } from "./draws.ts"
export { gaussian, gaussianEntropy, gaussianKl, gaussianLogProb } from "./gaussian.ts"
export { gumbel, type GumbelOptions } from "./gumbel.ts"
export { hiddenState, noisyHiddenState } from "./hiddenState.ts"
export { likeliestMark } from "./marks.ts"
export * as Mixture from "./mixture.ts"
export { BadPolicy } from "./errors.ts"
export { multiplex, type MultiplexOptions, multiplexWeights, symbols, type Weighting } from "./multiplex.ts"
export { dropout, type DropoutOptions, noisy } from "./noisy.ts"
export type {
  AnyDist,
  AnyPolicy,
  Density,
  DistOf,
  NoiseAxis,
  Sampling,
  ScoreDist,
  StepDist,
  StepPolicy,
  SymbolDist
} from "./policy.ts"
export type { Act, Drawn, Noise } from "./act.ts"
