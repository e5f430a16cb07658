/**
 * The last axis taken apart into the axes it is a product of, and the last two merged into one.
 */
import { compositionOf, factorsOf, productOf, type ProductOf } from "./composite.ts"
import { axesOf, type Axis, type Dim, type Dims, fromAxes, show, unify } from "./dim.ts"
import { type Wrong, wrong } from "./errors.ts"
import type { ShapeOf } from "./named.ts"

/** A name, or an axis as a value where its size may not be known otherwise. */
export type Factor = string | Axis
export type Factors = readonly [Factor, ...ReadonlyArray<Factor>]

/** The dimensions of factors. */
export type FactorDims<N extends Factors> = ShapeOf<{ [K in keyof N]: N[K] extends string ? Axis<N[K]> : N[K] & Axis }>

/** Whether the dimension is the product of these, or a sentence. */
export type SplitLast<L extends Dim, N extends Factors, Op extends string = "splitLast"> =
  ProductOf<FactorDims<N>> extends infer P extends Dim
    ? number extends L | P
      ? true
      : [L] extends [P]
        ? true
        : Wrong<"sameShape", { op: Op; a: L; b: P }>
    : never

/** The run-time side of `SplitLast`. */
export const splitLast = (op: string, dims: Dims, names: Factors): Dims => {
  const axes = axesOf(dims)
  const whole = axes.pop() ?? wrong("rank", { op, a: show(dims.shape), n: 1 })
  const parts = names.map((each) => (typeof each === "string" ? each : each.dim))
  const name = parts.join("*")
  if (typeof whole.dim === "string" && whole.dim !== name) wrong("sameShape", { op, a: whole.dim, b: name })
  return fromAxes([...axes, ...factorsFor(op, whole, names)])
}

/** The factors of an axis by name: as it knows them, as they are given, and the last one by division. */
const factorsFor = (op: string, whole: Axis, names: Factors): ReadonlyArray<Axis> => {
  const known = typeof whole.dim === "string" ? [...(factorsOf(whole) ?? [])] : []
  const found = names.map((each): Axis | string => {
    const dim = typeof each === "string" ? each : each.dim
    const own = known.splice(0, compositionOf(dim)?.names.length ?? 1)
    if (own.length === 0) return each
    return typeof each === "string" ? productOf(own) : (unify(op, each, productOf(own)) ?? each)
  })
  const rest = found.reduce((size, each) => (typeof each === "string" ? size : size / each.size), whole.size)
  const open = found.filter((each) => typeof each === "string")
  if (open.length > 1) wrong("sizeUnknown", { op, name: open[0]! })
  const fits = open.length === 0 ? rest === 1 || whole.size === 0 : Number.isInteger(rest)
  const factors = found.map((each) => (typeof each === "string" ? { dim: each, size: rest } : each))
  if (fits) return factors
  const sizes = found.map((each) => (typeof each === "string" ? "?" : each.size)).join(" * ")
  return wrong("factors", { op, name: whole.dim, x: whole.size, y: sizes })
}

/** The last two axes merged. Throws `ShapeError`. */
export const mergeLast = (op: string, dims: Dims): Dims => {
  const axes = axesOf(dims)
  if (axes.length < 2) wrong("rank", { op, a: show(dims.shape), n: 2 })
  return fromAxes([...axes.slice(0, -2), productOf(axes.slice(-2))])
}
