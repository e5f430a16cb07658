/** Sizes for the names of specifications. */
import { axesOf, type Axis, type Identical, type Shape } from "../shape/dim.ts"
import type { AnySpecs } from "./any.ts"
import { bindTo, collectNames, dimsOf, givenSizes } from "./bind.ts"
import type { Spec } from "./spec.ts"

/** The names in a tree of specifications; of a product or a sum those it is made of. */
export type NamesOf<T> =
  Identical<T, AnySpecs> extends true
    ? string
    : T extends Spec<infer S>
      ? NamesIn<S[number]>
      : { [K in keyof T]: NamesOf<T[K]> }[keyof T & Keys<T>]

/** The elements of a list, and the entries of a record. */
type Keys<T> = T extends ReadonlyArray<unknown> ? number : keyof T

type NamesIn<D> = D extends `${infer H}+${infer T}`
  ? NamesIn<H> | NamesIn<T>
  : D extends `${infer H}*${infer T}`
    ? NamesIn<H> | NamesIn<T>
    : D extends string
      ? D
      : never

/** The axes of a shape, with a number for what is a number. */
type AxesOf<S extends Shape> = { [K in keyof S]: S[K] extends string ? Axis<S[K]> : S[K] }

/**
 * The shape of a specification as sizes, its names bound: what constructors, random draws and initialisers take. Throws
 * `ArgumentError` for a size that is missing.
 *
 * @example
 * const spec = Program.spec(["width", "heads*head"])
 * Initialise.glorot(Random.key(7), Program.sizesOf(spec, { width: 8, heads: 2, head: 4 })).sizes // => [8, 8]
 */
export const sizesOf = <S extends Shape>(spec: Spec<S>, sizes: Sizes<NamesIn<S[number]>>): AxesOf<S> => {
  const names = collectNames([{ spec, path: "" }])
  const bound = bindTo(names, givenSizes(names, sizes, ""))
  return axesOf(dimsOf(names, names.wanted[0]!, bound)).map((axis) =>
    typeof axis.dim === "string" ? axis : axis.size
  ) as unknown as AxesOf<S>
}

/** A size for each name. */
export type Sizes<Name extends string> = string extends Name
  ? Readonly<Record<string, number>>
  : { readonly [K in Name]: number }
