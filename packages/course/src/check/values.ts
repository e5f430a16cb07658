/** Comparing what an exercise computes with what it should, on random inputs. */
import { type Device, Program, type Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"

/** Numbers, nested as the axes of a tensor are. */
export type Nested = number | boolean | ReadonlyArray<Nested>

const flat = (nested: Nested): ReadonlyArray<number> =>
  typeof nested === "object" ? nested.flatMap(flat) : [Number(nested)]

/** Numbers in four digits, in brackets; a long list is cut. */
export const shown = (nested: Nested): string => {
  const text = (each: Nested): string =>
    typeof each === "object"
      ? `[${each.map(text).join(", ")}]`
      : typeof each === "number"
        ? `${Number(each.toPrecision(4))}`
        : `${each}`
  const whole = text(nested)
  return whole.length > 100 ? `${whole.slice(0, 100)}...` : whole
}

const near = (found: number, wanted: number, within: number): boolean =>
  Object.is(found, wanted) || Math.abs(found - wanted) <= within * Math.max(1, Math.abs(wanted))

/** How a result differs from what is wanted, in a sentence; null where it does not. */
export const difference = (what: string, found: Nested, wanted: Nested, within = 1e-5): string | null => {
  const [ours, theirs] = [flat(found), flat(wanted)]
  const same = ours.length === theirs.length && ours.every((x, i) => near(x, theirs[i]!, within))
  return same ? null : `${what} should be ${shown(wanted)} and is ${shown(found)}`
}

/** A tensor's value on the device at hand. */
export const valueOf = (tensor: Tensor.AnyTensor) =>
  Effect.map(Program.compute(tensor), (value) => value.toArray() as Nested)

/** What is wrong with an input that was made smaller until nothing smaller is wrong. */
class Wrong extends Error {}

/**
 * Compares on random inputs, and tells of the smallest that differs. `says` gives what is wrong with one, or null.
 *
 *     onAll(fc.tuple(row, row), ([a, b]) => Effect.map(valueOf(outer(a, b)), (found) => difference(...)))
 */
export const onAll = <A, E>(
  inputs: fc.Arbitrary<A>,
  says: (input: A) => Effect.Effect<string | null, E, Device.Device>,
  { runs = 30 }: { readonly runs?: number } = {}
): Effect.Effect<string | null, E, Device.Device> =>
  Effect.gen(function* () {
    const device = yield* Effect.context<Device.Device>()
    const property = fc.asyncProperty(inputs, async (input) => {
      const said = await Effect.runPromiseWith(device)(says(input))
      if (said !== null) throw new Wrong(said)
    })
    const report = yield* Effect.promise(() => fc.check(property, { seed: 1, numRuns: runs, endOnFailure: false }))
    if (!report.failed) return null
    const error = report.errorInstance
    if (error instanceof Wrong) return error.message
    throw error
  })

/** Rows of so many numbers between -2 and 2, in steps that are exact in single precision. */
export const numbers = (length: number): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.array(
    fc.integer({ min: -16, max: 16 }).map((eighths) => eighths / 8),
    { minLength: length, maxLength: length }
  )

/** Tables of so many rows and columns of such numbers. */
export const table = (rows: number, columns: number): fc.Arbitrary<ReadonlyArray<ReadonlyArray<number>>> =>
  fc.array(numbers(columns), { minLength: rows, maxLength: rows })
