/**
 * The tensor DSL. `import { Tensor } from "@noema/tensor"`, then `Tensor.add(a, b)` or `a.pipe(Tensor.add(b))`.
 */
export * from "./contraction.ts"
export * from "./creation.ts"
export * from "./elementwise.ts"
export * from "./movement.ts"
export * from "./reduction.ts"
export type { AnyTensor, DType, Tensor } from "./value.ts"
export { fromNode, isTensor } from "./value.ts"
