/** Small tensors for the laws of what terms are made of, computed in float64. */
import { Program, type Shape, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { onReference } from "../small.ts"

/** The values of tensors of any shapes, flat. */
export const flat = async (tree: Readonly<Record<string, Tensor.Tensor<Shape>>>) => {
  const host = await onReference(Program.compute(tree))
  return Object.fromEntries(Object.entries(host).map(([name, { data }]) => [name, Array.from(data as Float32Array)]))
}

/** A tensor [rows, time]. */
export const matrix = (rows: ReadonlyArray<ReadonlyArray<number>>): Tensor.Tensor<[number, number]> =>
  Tensor.ensureShape(Tensor.fromArray(rows.flat(), [rows.length, rows[0]!.length]), [rows.length, rows[0]!.length])

/** A tensor [rows, time, components]. */
export const cube = (
  rows: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>
): Tensor.Tensor<[number, number, number]> => {
  const shape = [rows.length, rows[0]!.length, rows[0]![0]!.length] as const
  return Tensor.ensureShape(Tensor.fromArray(rows.flat(2), shape), shape)
}

/** A tensor [rows]. */
export const vector = (values: ReadonlyArray<number>): Tensor.Tensor<[number]> =>
  Tensor.ensureShape(Tensor.fromArray([...values], [values.length]), [values.length])

const single = (x: number) => Math.fround(x)
/** Numbers that single precision has. */
export const real = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(single)

/** Rows of one length, with how many of each row's entries count. */
export const ragged = (value: fc.Arbitrary<number>, most = 4) =>
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: most })).chain(([rows, time]) =>
    fc.record({
      values: fc.array(fc.array(value, { minLength: time, maxLength: time }), { minLength: rows, maxLength: rows }),
      lengths: fc.array(fc.nat(time), { minLength: rows, maxLength: rows }),
      kept: fc.array(fc.boolean().map(Number), { minLength: rows, maxLength: rows })
    })
  )

/** 1 for the first `length` of `time`. */
export const liveOf = (lengths: ReadonlyArray<number>, time: number): ReadonlyArray<ReadonlyArray<number>> =>
  lengths.map((length) => Array.from({ length: time }, (_, i) => Number(i < length)))
