/** Step policies: what the next latent is drawn from. */
export { explored } from "./explored.ts"
export { gaussian, gaussianEntropy, gaussianKl, gaussianLogProb } from "./gaussian.ts"
export { hiddenState, noisyHiddenState } from "./hiddenState.ts"
export * as Mixture from "./mixture.ts"
export { multiplexWeights } from "./multiplex.ts"
export type { AnyPolicy, Density, Sampling, StepDist, StepPolicy } from "./policy.ts"
