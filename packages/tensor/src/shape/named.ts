/**
 * Sizes as users write them: numbers and named sizes.
 */
import { type AxisDim, type Dim, type Dims, fromAxes, type IsUnion, literal, type One, type Shape } from "./dim.ts"
import { wrong } from "./errors.ts"

/** A size with a name, such as the batch. Made by `named`. */
export interface Named<out Name extends string = string> {
  readonly name: Name
  readonly size: number
}

export type Size = number | Named
export type Sizes = ReadonlyArray<Size>

/** `[batch, 4]` gives `["batch", 4]`. */
export type ShapeOf<S extends Sizes> = { -readonly [K in keyof S]: DimOf<S[K]> } extends infer R extends Shape
  ? R
  : never

/** The dimension of a size. `cond ? 3 : 4` is not a size the compiler knows: unions widen here, where sizes enter. */
export type DimOf<D> = [D] extends [number] ? One<D> : [D] extends [Named<infer Name>] ? OneName<Name> : Dim

type OneName<Name extends string> = string extends Name ? Dim : IsUnion<Name> extends true ? Dim : Name

/**
 * A named size. Axes of one name must have one size; axes of two names never match.
 *
 * @example
 * const batch = named("batch", 32)
 * Tensor.zeros([batch, 4]).shape // => ["batch", 4]
 */
export const named = <const Name extends string>(name: Name, size: number): Named<Name> => {
  if (!isSize(size)) wrong("size", { op: `named("${name}")`, x: size })
  return { name, size }
}

type Product<N extends ReadonlyArray<Named>> = N extends readonly [
  Named<infer H>,
  ...infer T extends ReadonlyArray<Named>
]
  ? T extends readonly []
    ? H
    : `${H}*${Product<T>}`
  : string

/**
 * The name of merged axes, outermost first: the product of the names and of the sizes.
 *
 * @example
 * const [h, d] = [named("h", 12), named("d", 64)]
 * merge(h, d) // => { name: "h*d", size: 768 }
 */
export const merge = <const N extends readonly [Named, ...ReadonlyArray<Named>]>(...names: N): Named<Product<N>> => ({
  name: names.map((each) => each.name).join("*") as Product<N>,
  size: names.reduce((product, each) => product * each.size, 1)
})

export const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

/** Sizes as dimensions; refuses what is not a whole number of at least 0. */
export const dimsOf = (op: string, sizes: Sizes): Dims => fromAxes(sizes.map((size) => axisDimOf(op, size)))

const axisDimOf = (op: string, size: Size): AxisDim => {
  const n = typeof size === "number" ? size : size.size
  if (!isSize(n)) wrong("size", { op, x: n })
  return typeof size === "number" ? literal(size) : { dim: size.name, size: size.size }
}
