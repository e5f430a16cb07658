/** When a device's numbers agree with the interpreter's. */
import type { Data, DType } from "@noema/tensor/graph"

/** Either bound suffices. `ulps` counts units in the last place of the expected f32; 0 means the nearest f32. */
export interface Tolerance {
  readonly ulps: number
  readonly absolute: number
}

export const exact: Tolerance = { ulps: 0, absolute: 0 }

/** Results below the smallest normal f32 may be flushed to zero. */
const smallestNormal = 2 ** -126

/** The unit in the last place of an f32. */
export const ulp = (x: number): number => 2 ** Math.max(Math.floor(Math.log2(Math.abs(x))) - 23, -149)

const agrees = (found: number, expected: number, tolerance: Tolerance): boolean => {
  const nearest = Math.fround(expected)
  if (Object.is(found, nearest) || found === nearest || (Number.isNaN(found) && Number.isNaN(nearest))) return true
  // Where f32 overflows, a device may stop just short of infinity, or go over just before.
  if (!Number.isFinite(nearest) || !Number.isFinite(found))
    return (
      tolerance.ulps > 0 &&
      Math.sign(found) === Math.sign(nearest) &&
      Math.min(Math.abs(found), Math.abs(nearest)) > 3.4e38
    )
  const allowed = Math.max(tolerance.absolute, tolerance.ulps * ulp(nearest), tolerance.ulps > 0 ? smallestNormal : 0)
  return Math.abs(found - expected) <= allowed
}

/** The first disagreement in words, or null. */
export const disagreement = (found: Data, expected: Data, dtype: DType, tolerance: Tolerance): string | null => {
  if (found.length !== expected.length) return `${found.length} values for ${expected.length}`
  const within = dtype === "f32" ? tolerance : exact
  for (let i = 0; i < expected.length; i++)
    if (!agrees(found[i]!, expected[i]!, within))
      return `at ${i}: found ${found[i]}, expected ${Math.fround(expected[i]!)} within ${within.ulps} ulp or ${within.absolute}`
  return null
}
