/** `@noema/tensor/graph`: the expression graph, for whoever transforms or compiles it. */
export * from "./node.ts"
export * from "./build.ts"
export * from "./attention.ts"
export { filled, full } from "./filled.ts"
export { debug, type Station } from "./debug.ts"
export { domains, threefry2x32 } from "./threefry.ts"
export { printGraph } from "./print.ts"
export { cells, indices } from "./cells.ts"
