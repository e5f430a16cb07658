/** `Program`: typed functions of tensors, compiled once and run many times. */
export { type HostOf, type FittingOf, specsOf, type SpecsOf, type TensorsOf } from "./forms.ts"
export type { AnyArguments, AnySpecs, AnyTensors, AnyValues } from "./any.ts"
export type { ArgumentOf, ArgumentsOf } from "./arguments.ts"
export { ArgumentError } from "./errors.ts"
export {
  type AnyHostTensor,
  type DataOf,
  type HostArgument,
  type HostParts,
  HostTensor,
  isHostTensor,
  type NestedArray,
  type NestedOf
} from "./host.ts"
export {
  compute,
  make,
  makeWith,
  prepare,
  type Program,
  type ProgramError,
  type ProgramOptions,
  type TensorArguments,
  update
} from "./program.ts"
export { isSpec, spec, type Spec } from "./spec.ts"
export { type NamesOf, type Sizes, sizesOf } from "./sizes.ts"
export { type LeafWanted, type NamedSizes, sizeOf, values, zeros } from "./values.ts"
