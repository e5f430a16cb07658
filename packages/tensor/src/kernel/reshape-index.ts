import { divide, fixed, plus, scale } from "./affine.ts"
import type { Affine } from "./ir.ts"

/** The index into the input of a reshape, or null where it is not affine; may ask for a loop axis to be split. */
export const reshapeIndex = (
  index: ReadonlyArray<Affine>,
  sizes: ReadonlyArray<number>,
  inner: ReadonlyArray<number>,
  extents: ReadonlyArray<number>
): ReadonlyArray<Affine> | null => {
  const rank = extents.length
  const result = new Array<Affine>(inner.length)
  if (inner.includes(0)) return inner.map(() => fixed(0, rank))
  let i = sizes.length - 1
  let j = inner.length - 1
  // Innermost first: axes are grouped where the products of both sides agree, and each group is divided by itself.
  while (i >= 0 || j >= 0) {
    let flat = fixed(0, rank)
    let stride = 1
    let product = 1
    const group: Array<number> = []
    const takeOuter = () => {
      flat = plus(flat, scale(index[i]!, stride))
      stride *= sizes[i]!
      i--
    }
    const takeInner = () => {
      product *= inner[j]!
      group.push(j)
      j--
    }
    if (i >= 0) takeOuter()
    if (j >= 0) takeInner()
    while (stride !== product) {
      if (stride < product) takeOuter()
      else takeInner()
    }
    for (const [position, axis] of group.entries()) {
      if (position === group.length - 1) {
        result[axis] = flat
        break
      }
      const divided = divide(flat, inner[axis]!, extents)
      if (divided === null) return null
      result[axis] = divided.remainder
      flat = divided.quotient
    }
  }
  return result
}
