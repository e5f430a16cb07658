/**
 * Matrix products: the last two axes are multiplied, the axes before them broadcast.
 */
import {
  axesOf,
  axisOf,
  type Box,
  type Boxed,
  type Boxes,
  type Dim,
  type Dims,
  fromAxes,
  type Shape,
  show,
  type ShowBox,
  type ShowBoxes,
  type ShowEnding,
  type Unboxed
} from "./dim.ts"
import { unify, type Unify, type Unranked } from "./dim.ts"
import { broadcast, type Broadcast } from "./broadcast.ts"
import { type Wrong, wrong } from "./errors.ts"

export type MatMul<A extends Shape, B extends Shape> = true extends Unranked<A> | Unranked<B>
  ? Shape
  : Product<Boxed<A>, Boxed<B>>

type Product<A, B> = A extends readonly [...infer AB, infer M extends Box<Dim>, infer K]
  ? B extends readonly [...infer BB, infer L, infer N extends Box<Dim>]
    ? Unify<K, L> extends null
      ? Wrong<"inner", { op: "matmul"; a: ShowBoxes<A>; b: ShowBoxes<B>; x: ShowBox<K>; y: ShowBox<L> }>
      : Broadcast<Unboxed<AB>, Unboxed<BB>, "matmul: batch"> extends infer R
        ? R extends infer S extends Shape
          ? [...S, M["boxed"], N["boxed"]]
          : R
        : never
    : Wrong<"rank", { op: "matmul"; a: ShowBoxes<B>; n: 2 }>
  : Wrong<"rank", { op: "matmul"; a: ShowBoxes<A>; n: 2 }>

/** Whether what a layer [l, n] is applied to, [...x, k], has the inner dimension it asks for, or the sentence. */
export type Inner<X extends Shape, K extends Dim, L extends Dim, N extends Dim> = Layer<
  Box<X>,
  Box<K>,
  readonly [Box<L>, Box<N>]
>

type Layer<X, K, W extends Boxes> =
  Unify<K, W[0]> extends null
    ? Wrong<"inner", { op: "dense"; a: ShowEnding<X, K>; b: ShowBoxes<W>; x: ShowBox<K>; y: ShowBox<W[0]> }>
    : true

/** The run-time side of `MatMul`: the broadcast batch, and the whole result. */
export const matMul = (op: string, a: Dims, b: Dims): { readonly batch: Dims; readonly out: Dims } => {
  for (const operand of [a, b]) {
    if (operand.sizes.length < 2) wrong("rank", { op, a: show(operand.shape), n: 2 })
  }
  const [inner, outer] = [a.sizes.length - 1, b.sizes.length - 2]
  if (unify(op, axisOf(a, inner), axisOf(b, outer)) === undefined) {
    const [x, y] = [a.shape[inner]!, b.shape[outer]!]
    wrong("inner", { op, a: show(a.shape), b: show(b.shape), x, y })
  }
  const batch = broadcast(`${op}: batch`, leading(a), leading(b))
  return { batch, out: fromAxes([...axesOf(batch), axisOf(a, inner - 1), axisOf(b, outer + 1)]) }
}

const leading = (dims: Dims): Dims => ({ shape: dims.shape.slice(0, -2), sizes: dims.sizes.slice(0, -2) })
