/** Specifications: what a program asks of its arguments. Names stand for sizes that are bound when it runs. */
import type { DType } from "../graph/node.ts"
import { type Dim, type Shape, show } from "../shape/dim.ts"

const SpecKey: unique symbol = Symbol.for("@noema/tensor/Spec")

/** The shape and dtype of one argument. */
export interface Spec<out S extends Shape = Shape, out D extends DType = DType> {
  readonly [SpecKey]: true
  readonly shape: S
  readonly dtype: D
}

type Mutable<S extends Shape> = { -readonly [K in keyof S]: S[K] } extends infer R extends Shape ? R : never

const make = (shape: Shape, dtype: DType): Spec<any, any> => ({ [SpecKey]: true, shape, dtype })

/**
 * The specification of one tensor: numbers are sizes, names are sizes bound when the program runs.
 *
 * @example
 * Program.spec(["batch", 4]).shape // => ["batch", 4]
 * Program.spec(["batch"], "i32").dtype // => "i32"
 */
export const spec = <const S extends ReadonlyArray<Dim>, D extends DType = "f32">(
  shape: S,
  dtype?: D
): Spec<Mutable<S>, NoInfer<D>> => make(shape, dtype ?? "f32")

/**
 * Whether a value is a specification.
 *
 * @example
 * Program.isSpec(Program.spec([2])) // => true
 * Program.isSpec([2]) // => false
 */
export const isSpec = (value: unknown): value is Spec => typeof value === "object" && value !== null && SpecKey in value

/** `i32 [batch, 4]`; f32 goes without saying. */
export const showSpec = (spec: { readonly shape: Shape; readonly dtype: DType }): string =>
  spec.dtype === "f32" ? show(spec.shape) : `${spec.dtype} ${show(spec.shape)}`
