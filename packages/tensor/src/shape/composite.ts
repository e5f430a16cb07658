/**
 * Names made of names: a product of axes merged into one, `"h*d"`, and a sum of axes joined end to end, `"q+a"`. As a
 * value such an axis knows the axes it is made of, where these were known when it was made.
 */
import { type Axis, type Dim, type Is, literal, type Literal, type Name, type Shape } from "./dim.ts"
import type { Add, Mul } from "./nat.ts"

type IsNamed<B> = Is<B, "name"> extends true ? true : Is<B, "product"> extends true ? true : Is<B, "sum">

/** The sum of two literals, or of two names; of a mix it is not known. */
export type AddDim<A, B> =
  Is<A, "literal"> extends true
    ? Is<B, "literal"> extends true
      ? Add<Literal<A>, Literal<B>>
      : number
    : [IsNamed<A>, IsNamed<B>] extends [true, true]
      ? `${Name<A>}+${Name<B>}`
      : number

/** The product of two literals, or of two names that are no sums; of a mix it is not known. Not in boxes. */
export type MulDim<A, B> = [A, B] extends [infer M extends number, infer N extends number]
  ? number extends M | N
    ? number
    : Mul<M, N>
  : [A, B] extends [infer M extends string, infer N extends string]
    ? [Extract<M | N, `${string}+${string}`>] extends [never]
      ? string extends M | N
        ? number
        : `${M}*${N}`
      : number
    : number

/** `"a*b"` for `["a", "b"]`. */
export type ProductOf<S extends Shape> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? T extends readonly []
    ? H
    : MulDim<H, ProductOf<T>>
  : number

/** How a name is made of names, or `undefined` where it is not: a sum of products. */
export const compositionOf = (
  dim: Dim
): { readonly kind: "sum" | "product"; readonly names: ReadonlyArray<string> } | undefined => {
  if (typeof dim !== "string") return undefined
  if (dim.includes("+")) return { kind: "sum", names: dim.split("+") }
  return dim.includes("*") ? { kind: "product", names: dim.split("*") } : undefined
}

const is = (kind: "sum" | "product", { dim }: Axis): boolean => compositionOf(dim)?.kind === kind

/** The axes that are joined in an axis: itself where its name is no sum, `undefined` where they are not known. */
export const termsOf = (axis: Axis): ReadonlyArray<Axis> | undefined => (is("sum", axis) ? axis.parts : [axis])

/** The axes that are merged in an axis: itself where its name is no product, `undefined` where they are not known. */
export const factorsOf = (axis: Axis): ReadonlyArray<Axis> | undefined => (is("product", axis) ? axis.parts : [axis])

const madeOf = (dim: string, size: number, parts: ReadonlyArray<ReadonlyArray<Axis> | undefined>): Axis =>
  parts.every((part) => part !== undefined) ? { dim, size, parts: parts.flat() } : { dim, size }

/** Two axes joined end to end. */
export const sumOf = (a: Axis, b: Axis): Axis => {
  const size = a.size + b.size
  return typeof a.dim === "string" && typeof b.dim === "string"
    ? madeOf(`${a.dim}+${b.dim}`, size, [termsOf(a), termsOf(b)])
    : literal(size)
}

/** Axes merged into one, outermost first. */
export const productOf = (axes: ReadonlyArray<Axis>): Axis => {
  if (axes.length === 1) return axes[0]!
  const size = axes.reduce((product, axis) => product * axis.size, 1)
  const named = axes.length > 0 && axes.every((axis) => typeof axis.dim === "string" && !is("sum", axis))
  return named ? madeOf(axes.map(({ dim }) => dim).join("*"), size, axes.map(factorsOf)) : literal(size)
}
