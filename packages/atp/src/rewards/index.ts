/** What attempts are worth: rewards, their algebra, how they are scored, and what can go wrong. */
export * from "./algebra.ts"
export * from "./errors.ts"
export * from "./figures.ts"
export * from "./reward.ts"
export * from "./scoring.ts"
