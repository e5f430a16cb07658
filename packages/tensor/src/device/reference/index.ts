/** `@noema/tensor/reference`: the float64 interpreter that every device is tested against. */
export { interpret, type Observe } from "./interpret.ts"
export { runKernel, runSchedule } from "./schedule.ts"
export type { Value } from "./value.ts"
