/** Evaluation on held-out questions, and choosing on those that may be chosen on. */
export * from "./choose.ts"
export * from "./evaluate.ts"
