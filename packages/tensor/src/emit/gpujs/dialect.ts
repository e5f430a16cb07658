/**
 * What the emitted text is written in. Every value is a 32-bit float: an i32 is a whole number (exact up to 2^24), a
 * bool is 1 or 0. Conditions are kept apart from values, because neither language turns one into the other by itself.
 */
import type { BinaryFn, BinaryOn, CompareFn, DType, UnaryFn, UnaryOn } from "../../graph/node.ts"
import type { Affine, Param } from "../../kernel/ir.ts"
import type { Statement } from "./text.ts"

/**
 * What a kernel computes in.
 * - `double`: JavaScript's numbers, rounded to 32 bits after every operation, so that a value is the same whether it was
 *   stored or is computed again where it is compared.
 * - `single`: 32-bit floats as IEEE 754 has them, beside JavaScript's own functions.
 * - `shading`: 32-bit floats of a shading language, whose functions are less exact and do not know NaN.
 */
export type Arithmetic = "double" | "single" | "shading"

/** Functions of numbers, which are values; those of bools are conditions. */
export type Numeric<Fn extends UnaryFn | BinaryFn> = Exclude<Fn, UnaryOn<"bool"> | BinaryOn<"bool">>

/** How a dialect writes each function. */
export type UnaryTexts = Record<Numeric<UnaryFn>, (x: string) => string>
export type BinaryTexts = Record<Numeric<BinaryFn>, (a: string, b: string, dtype: DType) => string>

export interface Dialect {
  readonly literal: (value: number) => string
  /** Declares a value that is not assigned again. */
  readonly constant: (name: string, value: string) => string
  /** Declares a value that is. */
  readonly variable: (name: string, value: string) => string
  readonly loop: (name: string, extent: number, body: ReadonlyArray<Statement>) => Statement
  /** The element of a buffer; `row` is the text of a clamped row number. */
  readonly load: (
    buffer: Param,
    at: Affine,
    row?: { readonly text: string; readonly stride: number; readonly extent: number }
  ) => string
  /** An affine function of the loop indices as a value. */
  readonly index: (at: Affine) => string
  /** Whether the index of an axis is below a number: a condition. */
  readonly isBelow: (axis: number, at: number) => string
  readonly unary: (fn: Numeric<UnaryFn>, x: string) => string
  readonly binary: (fn: Numeric<BinaryFn>, a: string, b: string, dtype: DType) => string
  readonly compare: (fn: CompareFn, a: string, b: string) => string
  readonly select: (condition: string, yes: string, no: string) => string
  /** f32 -> i32: toward zero, saturating, NaN to 0. */
  readonly toInteger: (x: string) => string
  /** Whether a sum is added up in more than 32 bits. */
  readonly sumsAreWide: boolean
  /** A product that is added to a sum and used nowhere else. */
  readonly term: (a: string, b: string) => string
  /** A sum that has been added up. */
  readonly total: (sum: string) => string
  /** The product's element, in the epilogue of a gemm. */
  readonly product: () => string
}
