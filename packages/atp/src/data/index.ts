/** Data sets: what one is, how one is made of problems that are there or that are drawn, and those that have a name. */
export * from "./corpus.ts"
export * from "./generated.ts"
export * from "./plain.ts"
export * from "./registered.ts"
export * from "./registry.ts"
export * from "./task.ts"
export { type Split, splits } from "./problem.ts"
