/**
 * `Tensor`: a description of a value, with the shape it has in its type.
 */
import { type Pipeable, Prototype } from "effect/Pipeable"
import { describe } from "../graph/algebra.ts"
import type { DType, Node } from "../graph/node.ts"
import type { Dims, Shape } from "../shape/dim.ts"

export type { DType } from "../graph/node.ts"

/**
 * An immutable node of an expression graph. Nothing is computed until a program runs.
 *
 * `shape` is exactly what the type says: names as strings, literals as numbers. `sizes` are the numbers behind it. A tensor
 * is also the `Dims` of the shape rules, whose `parts` it carries along.
 */
export interface Tensor<out S extends Shape = Shape, out D extends DType = "f32"> extends Pipeable {
  readonly shape: S
  readonly sizes: ReadonlyArray<number>
  readonly dtype: D
  readonly node: Node
}

/** A tensor of any shape and dtype. */
export type AnyTensor = Tensor<Shape, DType>

const isTensorKey: unique symbol = Symbol.for("@noema/tensor/Tensor")

const Proto = {
  ...Prototype,
  [isTensorKey]: true,
  toString(this: AnyTensor) {
    return `Tensor<${describe(this.node)}>`
  },
  toJSON(this: AnyTensor) {
    return { _id: "Tensor", shape: this.shape, sizes: this.sizes, dtype: this.dtype }
  }
}

/**
 * The tensor of a graph node, of a shape or with the dimensions of another tensor. For code that works on graphs; it
 * trusts that they fit the node.
 *
 * @example
 * Tensor.fromNode(build.binary("add", Tensor.ones([2]).node, Tensor.ones([2]).node), [2]) // => [2, 2]
 */
export const fromNode = <const S extends Shape = Shape, D extends DType = DType>(
  node: Node,
  like: Shape | Dims = node.sizes
): Tensor<S, D> => {
  const { parts, shape }: Dims = isShape(like) ? { shape: like, sizes: node.sizes } : like
  const tensor = Object.assign(Object.create(Proto), { shape, sizes: node.sizes, dtype: node.dtype, node })
  return parts === undefined ? tensor : Object.assign(tensor, { parts })
}

const isShape = (like: Shape | Dims): like is Shape => Array.isArray(like)

/** The tensor of a graph node whose dimensions a shape rule worked out. */
export const fromRule: (node: Node, dims: Dims) => Tensor<any, any> = fromNode

/**
 * Whether a value is a tensor.
 *
 * @example
 * Tensor.isTensor(Tensor.ones([2])) // => true
 * Tensor.isTensor([1, 1]) // => false
 */
export const isTensor = (value: unknown): value is AnyTensor =>
  typeof value === "object" && value !== null && isTensorKey in value
