/**
 * The middle of the compiler: graph -> fused kernels -> schedule -> memory plan. All plain data, device-independent.
 *
 *   simplify   graph/simplify.ts     neutral elements, constants, common subexpressions
 *   store      materialise.ts        which values get a buffer
 *   expand     expand.ts, loops.ts, products.ts    one kernel per buffer, everything else inlined, views gone
 *   fuse       fuse.ts               kernels over the same range become one
 *   finish     finish.ts             loops merged, buffers become parameters
 *   plan       plan.ts               where everything lies in memory
 */
export type * from "./ir.ts"
export { gpujsOptions, lower, wasmOptions } from "./lower.ts"
export { plan } from "./plan.ts"
export { printKernel, printPlan, printSchedule } from "./print.ts"
