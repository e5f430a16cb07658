/**
 * Reshaping. Equal factors cancel first, names included; only what is left over is multiplied out. One size may be
 * left open as -1.
 */
import {
  axesOf,
  type Axis,
  type Box,
  type Boxed,
  type Boxes,
  type Dim,
  type Dims,
  fromAxes,
  type Identical,
  type Is,
  literal,
  type Literal,
  type Name,
  type Shape,
  show,
  type Show,
  type ShowBoxes,
  type Unranked
} from "./dim.ts"
import { factorsOf, productOf } from "./composite.ts"
import { type Wrong, wrong } from "./errors.ts"
import type { Mul } from "./nat.ts"

/** The factors of all axes, in boxes. */
type Factors<B, Out extends Boxes = []> = B extends readonly [infer H extends Box<unknown>, ...infer T]
  ? Factors<T, [...Out, ...FactorsOf<H>]>
  : Out

type FactorsOf<B extends Box<unknown>> =
  Identical<B, Box<1>> extends true ? [] : Is<B, "product"> extends true ? NamesIn<B> : [B]

type NamesIn<B> = B extends Box<infer D extends string> ? Words<D> : never
type Words<D extends string> = D extends `${infer L}*${infer R}` ? [Box<L>, ...Words<R>] : [Box<D>]

/** The boxes with the first `D` taken out, or `never` where there is none. */
type Without<S extends Boxes, D, Seen extends Boxes = []> = S extends readonly [
  infer H extends Box<unknown>,
  ...infer T extends Boxes
]
  ? Identical<H, D> extends true
    ? [...Seen, ...T]
    : Without<T, D, [...Seen, H]>
  : never

/** `[leftA, leftB]` after striking out common factors. */
type Cancel<A extends Boxes, B extends Boxes, LeftA extends Boxes = []> = A extends readonly [
  infer H extends Box<unknown>,
  ...infer T extends Boxes
]
  ? Without<B, H> extends infer R
    ? [R] extends [never]
      ? Cancel<T, B, [...LeftA, H]>
      : R extends Boxes
        ? Cancel<T, R, LeftA>
        : never
    : never
  : [LeftA, B]

/** The product of literals; `never` where a name is left, `number` where a size is not known. */
type Count<S, N extends number = 1> = S extends readonly [infer H, ...infer T]
  ? Is<H, "literal"> extends true
    ? Count<T, Mul<N, Literal<H>>>
    : Is<H, "unknown"> extends true
      ? number
      : never
  : N

type HasUnknown<S> = S extends readonly [infer H, ...infer T]
  ? Is<H, "unknown"> extends true
    ? true
    : HasUnknown<T>
  : false

type HasZero<S extends Boxes> = [Without<S, Box<0>>] extends [never] ? false : true

/** Whether what is left of both sides agrees, or cannot be known to disagree. */
type Settle<L extends Boxes, R extends Boxes> = [L, R] extends [readonly [], readonly []]
  ? true
  : true extends HasUnknown<L> | HasUnknown<R>
    ? true
    : [Count<L>] extends [never]
      ? false
      : [Count<R>] extends [never]
        ? false
        : Count<L> extends Count<R>
          ? true
          : false

type Blame<S> = [Count<S>] extends [never] ? ShowBoxes<S> : `${Count<S>}`

/** `B` if as many elements fit it as `A` has; a -1 in `B` becomes the size it stands for. */
export type Reshape<A extends Shape, B extends Shape> = true extends Unranked<A> | Unranked<B>
  ? Opened<B>
  : [Without<Boxed<B>, Box<-1>>] extends [never]
    ? Closed<A, B>
    : Fitted<A, B, Without<Boxed<B>, Box<-1>>>

type Closed<A extends Shape, B extends Shape> =
  Cancel<Factors<Boxed<A>>, Factors<Boxed<B>>> extends [infer L extends Boxes, infer R extends Boxes]
    ? Settle<L, R> extends true
      ? B
      : // Zeros must not cancel: nothing fits anything that has room for nothing.
        [HasZero<Boxed<A>>, HasZero<Boxed<B>>] extends [true, true]
        ? B
        : Wrong<"reshape", { a: Show<A>; b: Show<B>; x: Blame<L>; y: Blame<R> }>
    : never

/** A -1 whose size cannot be known. */
type Opened<B extends Shape> = FillHole<Boxed<B>, number>

type Fitted<A extends Shape, B extends Shape, Rest extends Boxes> = [Without<Rest, Box<-1>>] extends [never]
  ? Cancel<Factors<Boxed<A>>, Factors<Rest>> extends [infer L extends Boxes, readonly []]
    ? FillHole<Boxed<B>, Merged<L>>
    : Opened<B>
  : Wrong<"reshapeHoles", { b: Show<B> }>

/** One dimension for the factors left over: a product of literals, or of names; a mix is not spelled out. */
type Merged<S> = [Count<S>] extends [never] ? MergedNames<S> : Count<S>
type MergedNames<S> = S extends readonly [infer H, ...infer T]
  ? Is<H, "name"> extends true
    ? T extends readonly []
      ? Name<H>
      : MergedNames<T> extends infer R extends string
        ? `${Name<H>}*${R}`
        : number
    : number
  : number

type FillHole<B, D extends Dim> = {
  -readonly [K in keyof B]: Identical<B[K], Box<-1>> extends true ? D : B[K] extends Box<infer E> ? E : never
} extends infer R extends Shape
  ? R
  : never

/** The factors of an axis; those of a product that does not know them have no size of their own. */
const factors = (axis: Axis): ReadonlyArray<Axis> =>
  axis.dim === 1
    ? []
    : (factorsOf(axis) ??
      axis.dim
        .toString()
        .split("*")
        .map((dim) => ({ dim, size: Number.NaN })))

/** What is left of both sides after striking out common factors. */
const cancel = (a: ReadonlyArray<Axis>, b: ReadonlyArray<Axis>): readonly [left: Array<Axis>, right: Array<Axis>] => {
  const left: Array<Axis> = []
  const right = [...b]
  for (const factor of a) {
    const at = right.findIndex((other) => other.dim === factor.dim)
    if (at < 0) left.push(factor)
    else right.splice(at, 1)
  }
  return [left, right]
}

const blame = (left: ReadonlyArray<Axis>): string =>
  left.some((axis) => typeof axis.dim === "string")
    ? show(left.map((axis) => axis.dim))
    : String(left.reduce((product, axis) => product * axis.size, 1))

/** The run-time side of `Reshape`. The open size is written as the literal -1. */
export const reshape = (a: Dims, b: Dims): Dims => {
  const target = axesOf(b)
  const holes = target.filter((axis) => axis.dim === -1).length
  if (holes > 1) wrong("reshapeHoles", { b: show(b.shape) })
  const closed = target.filter((axis) => axis.dim !== -1)
  const [left, right] = cancel(axesOf(a).flatMap(factors), closed.flatMap(factors))
  const total = product(a.sizes)
  const known = product(closed.map((axis) => axis.size))
  if (holes === 1) {
    // What is left over decides, so that an empty batch that cancels leaves the open size as it is for a full one.
    const ratio = product(left.map((axis) => axis.size)) / product(right.map((axis) => axis.size))
    const size = Number.isNaN(ratio) ? total / known : ratio
    if (!Number.isInteger(size) || size * known !== total) {
      wrong("reshape", { a: show(a.shape), b: show(b.shape), x: blame(left), y: blame(right) })
    }
    return fromAxes(target.map((axis) => (axis.dim === -1 ? filled(left, right, size) : axis)))
  }
  const empty = a.shape.includes(0) && b.shape.includes(0)
  if (total !== known || (left.length + right.length > 0 && !empty && differ(a, left, b, right))) {
    wrong("reshape", { a: show(a.shape), b: show(b.shape), x: blame(left), y: blame(right) })
  }
  return b
}

/**
 * Names left over differ for certain, but not beside a number, which may be what the number stands for: one that is left
 * over too, or a 1 on the other side where all names are on one.
 */
const differ = (a: Dims, left: ReadonlyArray<Axis>, b: Dims, right: ReadonlyArray<Axis>): boolean => {
  const names = [...left, ...right].every((axis) => typeof axis.dim === "string")
  const one = (left.length === 0 && a.shape.includes(1)) || (right.length === 0 && b.shape.includes(1))
  return names && !one
}

const filled = (left: ReadonlyArray<Axis>, right: ReadonlyArray<Axis>, size: number): Axis => {
  const named = right.length === 0 && left.length > 0 && left.every(({ dim }) => typeof dim === "string")
  return named ? { ...productOf(left), size } : literal(size)
}

const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((total, size) => total * size, 1)
