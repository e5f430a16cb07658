/**
 * Dimensions and shapes. A dimension is
 *   - a literal        3
 *   - a name           "batch"   (a size with a meaning: equal to itself only)
 *   - a product        "h*d"     (names merged into one axis)
 *   - plain `number`             (not known to the type checker: agrees with anything, checked at run time)
 */
import { wrong } from "./errors.ts"

export type Dim = number | string
export type Shape = ReadonlyArray<Dim>

/** What the run-time rules work on: dimensions as written, and the size each stands for. A tensor is one. */
export interface Dims<out S extends Shape = Shape> {
  readonly shape: S
  readonly sizes: ReadonlyArray<number>
}

/** One axis of a `Dims`. */
export interface AxisDim {
  readonly dim: Dim
  readonly size: number
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

// -- showing -----------------------------------------------------------------------------------------------------

/** `[batch, 4, d]`, `[]`, or `[?, 3]` where a size is not known to the type checker. */
export type Show<S extends Shape> = `[${Join<S>}]`
type Join<S extends Shape> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? T extends readonly []
    ? ShowDim<H>
    : `${ShowDim<H>}, ${Join<T>}`
  : S extends readonly []
    ? ""
    : "..."

export type ShowDim<D extends Dim> = number extends D ? "?" : `${D}`

export const show = (shape: Shape): string => `[${shape.join(", ")}]`

// -- agreement ---------------------------------------------------------------------------------------------------

/** A type in a box: a condition on a bare type parameter waits for its argument, one on a box is decided at once. */
export interface Box<out T> {
  readonly boxed: T
}

/** Whether two types are one; a type parameter is itself. */
export type Identical<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false

/** The dimension both are, in a box, or `null`. An unknown one agrees with anything, and the known one wins. */
export type Unify<A, B> =
  Identical<A, B> extends true ? Box<A> : number extends A ? Box<B> : number extends B ? Box<A> : null

/**
 * The axis both are, or `undefined`. Names agree with the same name; where only one side has a name the sizes decide,
 * because the other may be what the type checker sees as `number`.
 */
export const unify = (op: string, a: AxisDim, b: AxisDim): AxisDim | undefined => {
  if (typeof a.dim === "string" && typeof b.dim === "string") {
    if (a.dim !== b.dim) return undefined
    return a.size === b.size ? a : wrong("bound", { op, name: a.dim, x: a.size, y: b.size })
  }
  if (a.size !== b.size) return undefined
  return typeof a.dim === "string" ? a : b
}

export const axisOf = (dims: Dims, axis: number): AxisDim => ({ dim: dims.shape[axis]!, size: dims.sizes[axis]! })

export const axesOf = (dims: Dims): Array<AxisDim> => dims.sizes.map((_, axis) => axisOf(dims, axis))

export const fromAxes = (axes: ReadonlyArray<AxisDim>): Dims => ({
  shape: axes.map((axis) => axis.dim),
  sizes: axes.map((axis) => axis.size)
})

/** A nameless axis. */
export const literal = (size: number): AxisDim => ({ dim: size, size })
