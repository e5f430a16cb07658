/** `@noema/tensor/reference`: the float64 interpreter that every device is tested against, as functions and as a device. */
export { interpret, type Observe } from "./interpret.ts"
export { layer, layerWith, type ReferenceOptions } from "./layer.ts"
export { runKernel, runSchedule } from "./schedule.ts"
export type { Value } from "./value.ts"
