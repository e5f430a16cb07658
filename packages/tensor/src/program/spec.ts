/** Specifications: what a program asks of its arguments. Names stand for sizes that are bound when it runs. */
import type { DType } from "../graph/node.ts"
import { type Dim, type Identical, type Shape, show } from "../shape/dim.ts"
import { type AnyTensor, isTensor, type Tensor } from "../tensor/value.ts"
import type { AnySpecs, AnyTensors, AnyValues } from "./any.ts"
import { isHostTensor, type HostTensor } from "./host.ts"
import { putTogether, takeApart } from "./tree.ts"

const SpecKey: unique symbol = Symbol.for("@noema/tensor/Spec")

/** The shape and dtype of one argument. */
export interface Spec<out S extends Shape = Shape, out D extends DType = DType> {
  readonly [SpecKey]: true
  readonly shape: S
  readonly dtype: D
}

type Mutable<S extends Shape> = { -readonly [K in keyof S]: S[K] } extends infer R extends Shape ? R : never

const make = (shape: Shape, dtype: DType): Spec<any, any> => ({ [SpecKey]: true, shape, dtype })

/**
 * The specification of one tensor: numbers are sizes, names are sizes bound when the program runs.
 *
 * @example
 * Program.spec(["batch", 4]) // f32, any batch
 * Program.spec(["batch"], "i32")
 */
export const spec = <const S extends ReadonlyArray<Dim>, D extends DType = "f32">(
  shape: S,
  dtype?: D
): Spec<Mutable<S>, NoInfer<D>> => make(shape, dtype ?? "f32")

export const isSpec = (value: unknown): value is Spec => typeof value === "object" && value !== null && SpecKey in value

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
  return putTogether(structure, (i) => make(leaves[i]!.shape, leaves[i]!.dtype)) as SpecsOf<T>
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

/** `i32 [batch, 4]`; f32 goes without saying. */
export const showSpec = (spec: { readonly shape: Shape; readonly dtype: DType }): string =>
  spec.dtype === "f32" ? show(spec.shape) : `${spec.dtype} ${show(spec.shape)}`
