/** Writing at slots of a tensor. */
import { Random, type Shape, Tensor } from "@noema/tensor"
import * as build from "@noema/tensor/graph"

/** A tensor with a part in the place of the cells of an axis from `at` on, which is known when traced or when run. */
export const put = <S extends Shape, D extends Tensor.DType>(
  into: Tensor.Tensor<S, D>,
  { at, axis }: { readonly axis: number; readonly at: number | Tensor.Tensor<[], "i32"> },
  part: Tensor.AnyTensor
): Tensor.Tensor<S, D> => {
  const [size, length] = [into.sizes[axis]!, part.sizes[axis]!]
  const cut = (x: build.Node, from: number, count: number) =>
    build.slice(
      x,
      x.sizes.map((_, i) => (i === axis ? from : 0)),
      x.sizes.with(axis, count)
    )
  if (typeof at === "number") {
    const pieces = [
      ...(at > 0 ? [cut(into.node, 0, at)] : []),
      part.node,
      ...(at + length < size ? [cut(into.node, at + length, size - at - length)] : [])
    ]
    return Tensor.fromNode(build.concat(pieces, axis), into.shape)
  }
  let node = into.node
  const place = build.iota(into.sizes, axis)
  for (let i = 0; i < length; i++) {
    const slot = build.binary("add", at.node, build.scalar(i, "i32"))
    const here = build.compare("eq", place, build.broadcast(slot, into.sizes, []))
    const others = into.sizes.map((_, each) => each).filter((each) => each !== axis)
    const row = build.reshape(cut(part.node, i, 1), part.sizes.toSpliced(axis, 1))
    node = build.select(here, build.broadcast(row, into.sizes, others), node)
  }
  return Tensor.fromNode(node, into.shape)
}

/** Uniform numbers in [0, 1) of the shape of a tensor. */
export const uniformLike = <S extends Shape>(key: Random.Key, x: Tensor.Tensor<S>): Tensor.Tensor<S> =>
  Tensor.fromNode(Random.uniform(key, x.sizes).node, x.shape)
