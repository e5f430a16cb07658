/** Evaluation on held-out questions, choosing on those that may be chosen on, and searching among attempts. */
export { bootstrap, type Estimate, overSeeds, pairedDifference } from "./bootstrap.ts"
export { type Card } from "./card.ts"
export * from "./choose.ts"
export * from "./evaluate.ts"
export { guessing } from "./guess.ts"
export { wilson } from "./interval.ts"
export * from "./metrics.ts"
export { passAtK } from "./passAtK.ts"
