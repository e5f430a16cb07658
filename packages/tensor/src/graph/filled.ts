/** Tensors filled with one number: recognised and made. */
import { broadcast, scalar } from "./build.ts"
import type { Node } from "./node.ts"

/** The number a tensor is filled with, or undefined. */
export const filled = (node: Node): number | undefined => {
  const { op } = node
  if (op.kind === "scalar") return op.value
  if (op.kind === "broadcast" || op.kind === "reshape") return filled(node.inputs[0]!)
  return undefined
}

/** A tensor with the sizes and dtype of `like`, filled with `value`. */
export const full = (value: number, like: Pick<Node, "sizes" | "dtype">): Node =>
  like.sizes.length === 0 ? scalar(value, like.dtype) : broadcast(scalar(value, like.dtype), like.sizes, [])
