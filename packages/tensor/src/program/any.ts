/**
 * Trees whose form is not known to the type checker: for code that works on any tree, as training works on the parameters of
 * any model. A tree whose form is known is one too.
 */
import type { AnyTensor } from "../tensor/value.ts"
import type { Resident } from "./cell.ts"
import type { AnyHostTensor, HostArgument } from "./host.ts"
import type { Spec } from "./spec.ts"

/** Any tree of specifications. */
export interface AnySpecs {
  readonly [name: string]: Spec | AnySpecs | ReadonlyArray<Spec | AnySpecs>
}

/** Any tree of tensors. */
export interface AnyTensors {
  readonly [name: string]: AnyTensor | AnyTensors | ReadonlyArray<AnyTensor | AnyTensors>
}

/** The values of any tree of tensors. */
export interface AnyValues {
  readonly [name: string]: AnyHostTensor | AnyValues | ReadonlyArray<AnyHostTensor | AnyValues>
}

/** What may be given for any tree of specifications. */
export interface AnyArguments {
  readonly [name: string]:
    | HostArgument
    | Resident<unknown>
    | AnyArguments
    | ReadonlyArray<HostArgument | Resident<unknown> | AnyArguments>
}
