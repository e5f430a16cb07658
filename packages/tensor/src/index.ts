/** `@noema/tensor`: a typed tensor DSL compiled to fused kernels. */
export * as Device from "./device/device.ts"
export * as Program from "./program/index.ts"
export * as Reference from "./device/reference/index.ts"
export * as Resident from "./program/resident.ts"
export { type Dim, type Shape } from "./shape/dim.ts"
export { ShapeError } from "./shape/errors.ts"
export { merge, type Named, named, type ShapeOf, type Size, type Sizes } from "./shape/named.ts"
export * as Tensor from "./tensor/index.ts"
