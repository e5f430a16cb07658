/**
 * Sizes as users write them: numbers and named sizes.
 */
import {
  type Axis,
  type Box,
  type Dim,
  type Dims,
  fromAxes,
  type IsUnion,
  literal,
  type One,
  type Several,
  type Shape
} from "./dim.ts"
import { type ProductOf, productOf } from "./composite.ts"
import { wrong } from "./errors.ts"

/** A size: a number, or a dimension as a value. */
export type Size = number | Axis
/** A shape as it is given: sizes, and dimensions as values. */
export type Sizes = ReadonlyArray<Size>

/** `[batch, 4]` gives `["batch", 4]`. */
export type ShapeOf<S extends Sizes> = { -readonly [K in keyof S]: DimOf<S[K]> } extends infer R extends Shape
  ? R
  : never

/** `cond ? 3 : 4` is not a size the compiler knows: unions widen here, where sizes enter. */
type DimOf<D> = [D] extends [number] ? One<D> : [D] extends [Axis<infer X>] ? (SomeAxis<D> extends true ? Dim : X) : Dim

/** Whether it is one axis or another; a type parameter in it is itself. */
type SomeAxis<A> = IsUnion<A> extends true ? true : Several<A extends Axis<infer X> ? Box<X> : never>

/**
 * A named size. Axes of one name must have one size; axes of two names never match.
 *
 * @example
 * const batch = named("batch", 32)
 * Tensor.zeros([batch, 4]).shape // => ["batch", 4]
 */
export const named = <const Name extends string>(name: Name, size: number): Axis<Name> => {
  if (!isSize(size)) wrong("size", { op: `named("${name}")`, x: size })
  return { dim: name, size }
}

/**
 * The name of merged axes, outermost first: the product of the names and of the sizes.
 *
 * @example
 * const [h, d] = [named("h", 12), named("d", 64)]
 * merge(h, d).dim // => "h*d"
 * merge(h, d).size // => 768
 */
export const merge = <const N extends readonly [Axis, ...ReadonlyArray<Axis>]>(
  ...axes: N
): Axis<ProductOf<ShapeOf<N>>> => productOf(axes) as Axis<any>

export const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

/** Sizes as dimensions; refuses what is not a whole number of at least 0. */
export const dimsOf = (op: string, sizes: Sizes): Dims => fromAxes(sizes.map((size) => axisOf(op, size)))

const axisOf = (op: string, size: Size): Axis => {
  const n = typeof size === "number" ? size : size.size
  if (!isSize(n)) wrong("size", { op, x: n })
  return typeof size === "number" ? literal(size) : size
}
