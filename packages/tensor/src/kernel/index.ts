/**
 * The middle of the compiler: graph -> fused kernels -> schedule -> memory plan. All plain data, device-independent.
 *
 *   simplify   graph/simplify.ts, graph/rewrite.ts     neutral elements, constants, common subexpressions
 *   divide     two-stages.ts         long reductions into parts
 *   store      materialise.ts        which values get a buffer
 *   expand     lowering.ts, expand.ts, loops.ts, products.ts, contract.ts    one kernel per buffer, everything else inlined, views gone
 *   fuse       fuse.ts, order.ts     kernels over the same range become one, where no third lies between
 *   finish     finish.ts, kinds.ts, merge-axes.ts    loops merged, buffers become parameters
 *   plan       plan.ts               where everything lies in memory
 */
export type * from "./ir.ts"
export { gpujsOptions, lower, wasmOptions } from "./lower.ts"
export { plan } from "./plan.ts"
export { printKernel, printPlan, printSchedule } from "./print.ts"
