/** One tree in its forms: the specifications of its tensors, these as a traced function sees them, their values. */
import type { DType } from "../graph/node.ts"
import type { Identical, Shape } from "../shape/dim.ts"
import { type AnyTensor, isTensor, type Tensor } from "../tensor/value.ts"
import type { AnySpecs, AnyTensors, AnyValues } from "./any.ts"
import { type HostTensor, isHostTensor } from "./host.ts"
import { type Spec, spec } from "./spec.ts"
import { putTogether, takeApart } from "./tree.ts"

/** The tree of specifications of a tree of tensors or host tensors. What is not readonly there is not here. */
export type SpecsOf<T> = true extends Identical<T, AnyTensors> | Identical<T, AnyValues>
  ? AnySpecs
  : T extends AnyTensor
    ? Spec<T["shape"], T["dtype"]>
    : T extends HostTensor<infer S, infer D>
      ? Spec<S, D>
      : { [K in keyof T]: SpecsOf<T[K]> }

/**
 * The specifications a tree of tensors, or of results, satisfies: the same shapes, with their names left open.
 *
 * @example
 * Program.specsOf({ w: Tensor.zeros([4, 2]) }) // => { w: Program.spec([4, 2]) }
 */
export const specsOf = <const T>(tree: T): SpecsOf<T> => {
  const isLeaf = (value: unknown): value is AnyTensor | HostTensor<Shape, DType> =>
    isTensor(value) || isHostTensor(value)
  const { structure, leaves } = takeApart(tree, isLeaf, "")
  return putTogether(structure, (i) => spec(leaves[i]!.shape, leaves[i]!.dtype)) as SpecsOf<T>
}

/** The tensors a traced function sees for its specifications; readonly where they are. */
export type TensorsOf<T> =
  Identical<T, AnySpecs> extends true
    ? AnyTensors
    : T extends Spec<infer S, infer D>
      ? Tensor<S, D>
      : { [K in keyof T]: TensorsOf<T[K]> }

/** The tensors whose values fit specifications: a name stands for itself and for any size. */
export type FittingOf<T> =
  Identical<T, AnySpecs> extends true
    ? AnyTensors
    : T extends Spec<infer S, infer D>
      ? Tensor<Open<S>, D>
      : { readonly [K in keyof T]: FittingOf<T[K]> }

type Open<S extends Shape> = { [K in keyof S]: S[K] extends string ? S[K] | number : S[K] } extends infer R extends
  Shape
  ? R
  : never

/** A tree of tensors as the values a program gives for it. */
export type HostOf<T> =
  Identical<T, AnyTensors> extends true
    ? AnyValues
    : T extends Tensor<infer S, infer D>
      ? HostTensor<S, D>
      : { [K in keyof T]: HostOf<T[K]> }
