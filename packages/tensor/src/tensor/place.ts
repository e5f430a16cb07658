/**
 * Reading and writing a stretch of an axis, at a place known when a function is traced or when its program runs. What a
 * run finds out of range is clamped where it is read and dropped where it is written; `{ checked: true }` fails instead.
 */
import { dual } from "effect/Function"
import * as G from "../graph/algebra.ts"
import { cells } from "../graph/cells.ts"
import type { DType, Node } from "../graph/node.ts"
import { axisIn } from "../shape/axis.ts"
import { axesOf, fromAxes, type Shape, show } from "../shape/dim.ts"
import { allowDType, commonDType } from "../shape/dtype.ts"
import { type Check, wrong } from "../shape/errors.ts"
import { narrow as narrowRule, type Narrow } from "../shape/length.ts"
import { dimsOf, type Size } from "../shape/named.ts"
import { put as putRule, type Put } from "../shape/put.ts"
import { cut } from "./cut.ts"
import { type Made } from "./operand.ts"
import { type AnyTensor, fromNode, fromRule, type Tensor } from "./value.ts"

/** A position along an axis: a number, or an i32 scalar that is known when the program runs. */
export type At = number | Tensor<[], "i32">

/** Where along an axis a part begins. */
export interface Place<I extends number = number, A extends At = At> {
  readonly axis: I
  readonly at: A
}

const position = (op: string, at: Tensor<[], "i32">): Node => {
  allowDType(`${op}: at`, ["i32"], at.dtype)
  if (at.sizes.length !== 0) wrong("sameShape", { op: `${op}: at`, a: show(at.shape), b: "[]" })
  return at.node
}

/**
 * As many cells of an axis as a size says, from `start` on; a negative number counts from the end. The axis becomes that
 * of the size, so that a name can be given to a part. Throws `ShapeError`.
 *
 * @example
 * Tensor.narrow(Tensor.arange(6), 0, 2, 3) // => [2, 3, 4]
 * Tensor.narrow(Tensor.arange(6), 0, -2, named("tail", 2)).shape // => ["tail"]
 * Tensor.narrow(Tensor.arange(6), 0, Tensor.scalar(1, "i32"), 2) // => [1, 2]
 */
export const narrow: {
  <S extends Shape, D extends DType, const I extends number, const A extends At, const L extends Size>(
    x: Tensor<S, D>,
    axis: I,
    start: A,
    length: Check<Narrow<S, I, A, L>, L>
  ): Made<Narrow<S, I, A, L>, D>
  <const I extends number, const A extends At, const L extends Size>(
    axis: I,
    start: A,
    length: L
  ): <S extends Shape, D extends DType>(x: Check<Narrow<S, I, A, L>, Tensor<S, D>>) => Made<Narrow<S, I, A, L>, D>
} = dual(4, (x: AnyTensor, axis: number, start: At, length: Size): AnyTensor => {
  if (typeof start === "number") return cut(x, narrowRule("narrow", x, axis, start, length))
  const at = axisIn("narrow", x, axis)
  const wanted = dimsOf("narrow", [length])
  if (wanted.sizes[0]! > x.sizes[at]!)
    wrong("sliceBounds", { op: "narrow", x: 0, y: wanted.sizes[0]!, n: x.shape[at]! })
  const out = fromAxes(axesOf(x).with(at, axesOf(wanted)[0]!))
  return fromRule(cells(x.node, at, position("narrow", start), wanted.sizes[0]!), out)
})

/**
 * `part` in place of as many cells of an axis, from `at` on: a number (a negative one counts from the end), or an i32
 * scalar that is known when the program runs. The other axes agree. A key/value cache is written so: on WebAssembly only the
 * part is written where nothing else reads the tensor any more, as by an update that writes once; one that writes more
 * often copies the cache once there and once back. Throws `ShapeError`.
 *
 * @example
 * Tensor.put(Tensor.zeros([4]), { axis: 0, at: 1 }, Tensor.ones([2])) // => [0, 1, 1, 0]
 * Tensor.put(Tensor.zeros([4]), { axis: 0, at: Tensor.scalar(3, "i32") }, Tensor.ones([1])) // => [0, 0, 0, 1]
 */
export const put: {
  <S extends Shape, D extends DType, const I extends number, const A extends At, P extends Shape>(
    into: Tensor<S, D>,
    place: Place<I, A>,
    part: Check<Put<S, I, A, P>, Tensor<P, NoInfer<D>>>
  ): Tensor<S, D>
  <const I extends number, const A extends At, P extends Shape, D extends DType>(
    place: Place<I, A>,
    part: Tensor<P, D>
  ): <S extends Shape>(into: Check<Put<S, I, A, P>, Tensor<S, D>>) => Tensor<S, D>
} = dual(3, (into: AnyTensor, { at, axis }: Place, part: AnyTensor): AnyTensor => {
  commonDType("put", ["f32", "i32", "bool"], into.dtype, part.dtype)
  const { axis: along, start } = putRule("put", into, axis, typeof at === "number" ? at : null, part)
  const from = start === null ? position("put", at as Tensor<[], "i32">) : known(start)
  return fromNode(G.put(into.node, part.node, from, along), into)
})

/** A constant, not a scalar: kernels find it in memory, so that all slots share one kernel. */
const known = (start: number): Node => G.constant(Int32Array.of(start), [], "i32")
