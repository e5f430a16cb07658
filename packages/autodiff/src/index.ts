/** `@noema/autodiff`: gradients of anything written in the tensor DSL, and optimisers that use them. */
export { type CheckOptions } from "./check/check-graph.ts"
export { checkGradients, GradientMismatch, type GradientReport } from "./check/check-gradients.ts"
export * as Optimiser from "./optimise/index.ts"
export { checkpoint, type CotangentsOf, customVjp, stopGradient, straightThrough } from "./transform/custom.ts"
export { grad, hvp, jvp, valueAndGrad, type ValueAndGradient, valueAndGradWith, vjp } from "./transform/gradient.ts"
export { GradientError } from "./transform/sentences.ts"
