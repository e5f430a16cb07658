/**
 * Random tensors for laws. Values are small whole numbers where a law is exact, so that no rounding enters.
 */
import { Tensor } from "@noema/tensor"
import * as fc from "fast-check"

/** The shape is only known when a law runs. */
export type Any = Tensor.Tensor<any>

export const count = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)

export const whole = fc.integer({ min: -9, max: 9 })
export const real = fc.double({ min: -4, max: 4, noNaN: true })

/** Sizes of a given or random rank; axes may be empty. */
export const sizes = (rank?: number, min = 0): fc.Arbitrary<Array<number>> =>
  fc.array(fc.integer({ min, max: 4 }), { minLength: rank ?? 0, maxLength: rank ?? 4 })

/** The interpreter computes with all digits of a Float64Array. */
export const make = (values: ReadonlyArray<number>, shape: ReadonlyArray<number>): Any =>
  Tensor.fromArray(Float64Array.from(values), shape) as Any

export const ints = (values: ReadonlyArray<number>, shape: ReadonlyArray<number>) =>
  Tensor.fromArray(Int32Array.from(values), shape) as Tensor.Tensor<any, "i32">

export const bools = (values: ReadonlyArray<boolean>, shape: ReadonlyArray<number>) =>
  Tensor.fromArray(values, shape, "bool") as Tensor.Tensor<any, "bool">

/** A tensor of given sizes. */
export const ofSizes = (shape: ReadonlyArray<number>, value: fc.Arbitrary<number> = whole): fc.Arbitrary<Any> => {
  const n = count(shape)
  return fc.array(value, { minLength: n, maxLength: n }).map((values) => make(values, shape))
}

/** A tensor of random sizes with at least one axis, and one of its axes. */
export const withAxis = (value = whole, min = 0): fc.Arbitrary<readonly [Any, number]> =>
  sizes(undefined, min)
    .filter((shape) => shape.length > 0)
    .chain((shape) => fc.tuple(ofSizes(shape, value), fc.nat(shape.length - 1)))

/** All positions of these sizes, in order. */
export const positions = (shape: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  shape.reduce<ReadonlyArray<ReadonlyArray<number>>>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]]
  )

/** The place of a position in a flat list. */
export const place = (shape: ReadonlyArray<number>, at: ReadonlyArray<number>): number =>
  shape.reduce((flat, size, axis) => flat * size + at[axis]!, 0)
