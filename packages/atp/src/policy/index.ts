/** Step policies: what the next latent is drawn from. */
export { draws } from "./draws.ts"
export { gaussian, gaussianEntropy, gaussianKl, gaussianLogProb } from "./gaussian.ts"
export { hiddenState, noisyHiddenState } from "./hiddenState.ts"
export { likeliestMark } from "./marks.ts"
export * as Mixture from "./mixture.ts"
export { multiplexWeights } from "./multiplex.ts"
export { dropout, noisy } from "./noisy.ts"
export type { AnyPolicy, Density, Sampling, StepDist, StepPolicy } from "./policy.ts"
