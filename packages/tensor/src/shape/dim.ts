/**
 * Dimensions and shapes. A dimension is
 *   - a literal        3
 *   - a name           "batch"   (a size with a meaning: equal to itself only)
 *   - a product        "h*d"     (axes merged into one)
 *   - a sum            "q+a"     (axes joined end to end)
 *   - plain `number`             (not known to the type checker: agrees with anything, checked at run time)
 */
import { wrong } from "./errors.ts"

/** A dimension: a size, or a name that stands for one. */
export type Dim = number | string
/** The dimensions of a tensor, in order. */
export type Shape = ReadonlyArray<Dim>

/** A dimension as a value: what it is in a shape, and the size it stands for. Made by `named`, `merge` and `Tensor.dim`. */
export interface Axis<out D extends Dim = Dim> {
  readonly dim: D
  readonly size: number
  /** Of a product or a sum, the axes it is made of, where they are known. */
  readonly parts?: ReadonlyArray<Axis> | undefined
}

/** What the run-time rules work on: dimensions as written, and the size each stands for. A tensor is one. */
export interface Dims<out S extends Shape = Shape> {
  readonly shape: S
  readonly sizes: ReadonlyArray<number>
  /** The `parts` of each axis; absent where none has any. */
  readonly parts?: ReadonlyArray<ReadonlyArray<Axis> | undefined> | undefined
}

/** Rank not known: nothing can be said, so nothing is claimed. */
export type Unranked<S extends Shape> = number extends S["length"] ? true : false

/** True for `0 | 1`, which is not one number but one of two. */
export type IsUnion<T, All = T> = [T] extends [never]
  ? false
  : T extends unknown
    ? [All] extends [T]
      ? false
      : true
    : never

/** The number, or `number` where it is one of several. */
export type One<D extends number> = IsUnion<D> extends true ? number : D

// -- dimensions in boxes -----------------------------------------------------------------------------------------

/**
 * A dimension in a box. Rules look at boxes, because a condition on a bare type parameter waits for its argument, while
 * one on a box is decided at once: so rules work inside generic functions. Boxes are made where a rule is entered, and
 * handed on as they are; a box made of a dimension that a rule has inferred would be looked at before it is known.
 */
export interface Box<out T> {
  readonly boxed: T
}

/** The dimensions of a shape in boxes. */
export type Boxed<S extends ReadonlyArray<unknown>> = { readonly [K in keyof S]: Box<S[K]> }

/** The shape in boxes. */
export type Unboxed<B> = { -readonly [K in keyof B]: B[K] extends Box<infer D> ? D : never } extends infer S extends
  Shape
  ? S
  : never

/** A shape whose dimensions are in boxes. */
export type Boxes = ReadonlyArray<Box<unknown>>

/** Whether two types are one; a type parameter in a box is itself. */
export type Identical<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false

type KindOf<D, All = D> = number extends All
  ? "unknown"
  : string extends All
    ? "unknown"
    : D extends number
      ? "literal"
      : D extends `${string}+${string}`
        ? "sum"
        : D extends `${string}*${string}`
          ? "product"
          : "name"

type BoxedKind<B> = B extends Box<infer D> ? Box<KindOf<D>> : never

/** Whether the dimension in a box is of this kind. A type parameter, which may become anything, is of none. */
export type Is<B, K extends "literal" | "name" | "product" | "sum" | "unknown"> = Identical<BoxedKind<B>, Box<K>>

type CountOf<D, All = D> = D extends unknown ? ([All] extends [D] ? "one" : "many") : never
type BoxedCount<B> = B extends Box<infer D> ? Box<CountOf<D>> : never

/** True for a box of `"a" | "b"`, which is not one dimension but one of two; false for one of a type parameter. */
export type Several<B> = Identical<BoxedCount<B>, Box<"many">>

/** The number of a literal. */
export type Literal<B> = B extends Box<infer D extends number> ? D : never

/** The name of a name, a product or a sum. */
export type Name<B> = B extends Box<infer D extends string> ? D : never

// -- showing -----------------------------------------------------------------------------------------------------

/** `[batch, 4, d]`, `[]`, or `[?, 3]` where a size is not known to the type checker. */
export type Show<S extends Shape> = ShowBoxes<Boxed<S>>
export type ShowBoxes<B> = `[${Join<B>}]`
type Join<B> = B extends readonly [infer H, ...infer T]
  ? T extends readonly []
    ? ShowBox<H>
    : `${ShowBox<H>}, ${Join<T>}`
  : B extends readonly []
    ? ""
    : B extends readonly [...infer I, infer L extends Box<unknown>]
      ? `${Join<I>}, ${ShowBox<L>}`
      : "..."

/** `[batch, d]` for a box of `["batch"]` and one of `"d"`; `[..., d]` where the axes before it are a type parameter. */
export type ShowEnding<X, K> =
  Identical<BoxedUnranked<X>, Box<false>> extends true
    ? X extends Box<infer S extends Shape>
      ? ShowBoxes<[...Boxed<S>, K]>
      : never
    : `[..., ${ShowBox<K>}]`
type BoxedUnranked<B> = B extends Box<infer S extends Shape> ? Box<Unranked<S>> : never

export type ShowBox<B> = Is<B, "unknown"> extends true ? "?" : B extends Box<infer D extends Dim> ? `${D}` : never

export const show = (shape: Shape): string => `[${shape.join(", ")}]`

// -- agreement ---------------------------------------------------------------------------------------------------

/** The box of the dimension both are, or `null`. An unknown one agrees with anything, and the known one wins. */
export type Unify<A, B> =
  Identical<A, B> extends true ? A : Is<A, "unknown"> extends true ? B : Is<B, "unknown"> extends true ? A : null

/**
 * The axis both are, or `undefined`. Names agree with the same name; where only one side has a name the sizes decide,
 * because the other may be what the type checker sees as `number`.
 */
export const unify = (op: string, a: Axis, b: Axis): Axis | undefined => {
  if (typeof a.dim === "string" && typeof b.dim === "string") {
    if (a.dim !== b.dim) return undefined
    if (a.size !== b.size) wrong("bound", { op, name: a.dim, x: a.size, y: b.size })
    a.parts?.forEach((part, i) => b.parts && unify(op, part, b.parts[i]!))
    return a.parts === undefined ? b : a
  }
  if (a.size !== b.size) return undefined
  return typeof a.dim === "string" ? a : b
}

export const axisOf = ({ parts, shape, sizes }: Dims, axis: number): Axis => {
  const [dim, size, made] = [shape[axis]!, sizes[axis]!, parts?.[axis]]
  return made === undefined ? { dim, size } : { dim, size, parts: made }
}

export const axesOf = (dims: Dims): Array<Axis> => dims.sizes.map((_, axis) => axisOf(dims, axis))

export const fromAxes = (axes: ReadonlyArray<Axis>): Dims => {
  const dims = { shape: axes.map((axis) => axis.dim), sizes: axes.map((axis) => axis.size) }
  return axes.some((axis) => axis.parts !== undefined) ? { ...dims, parts: axes.map((axis) => axis.parts) } : dims
}

/** A nameless axis. */
export const literal = (size: number): Axis => ({ dim: size, size })
