/** Arithmetic on affine maps of the loop indices. */
import type { Affine } from "./ir.ts"

export const fixed = (offset: number, rank: number): Affine => ({ offset, strides: new Array<number>(rank).fill(0) })

/** The index of one loop axis. */
export const unit = (axis: number, rank: number): Affine => ({
  offset: 0,
  strides: Array.from({ length: rank }, (_, i) => (i === axis ? 1 : 0))
})

export const scale = (a: Affine, factor: number): Affine => ({
  offset: a.offset * factor,
  strides: a.strides.map((stride) => stride * factor)
})

export const shift = (a: Affine, by: number): Affine => ({ offset: a.offset + by, strides: a.strides })

export const plus = (a: Affine, b: Affine): Affine => ({
  offset: a.offset + b.offset,
  strides: a.strides.map((stride, i) => stride + b.strides[i]!)
})

export const equal = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset && a.strides.length === b.strides.length && a.strides.every((s, i) => s === b.strides[i])

/** Row-major strides of a contiguous array. */
export const contiguous = (sizes: ReadonlyArray<number>): ReadonlyArray<number> => {
  const strides = new Array<number>(sizes.length)
  let stride = 1
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= sizes[axis]!
  }
  return strides
}

/** The flat row-major position of a multi-index whose components are affine maps. */
export const flatten = (index: ReadonlyArray<Affine>, sizes: ReadonlyArray<number>, rank: number): Affine => {
  const strides = contiguous(sizes)
  return index.reduce((sum, component, axis) => plus(sum, scale(component, strides[axis]!)), fixed(0, rank))
}

/** A loop axis must be split into (outer, inner) before a map can be divided: thrown, and caught where axes are made. */
export class SplitAxis {
  readonly axis: number
  readonly inner: number
  constructor(axis: number, inner: number) {
    this.axis = axis
    this.inner = inner
  }
}

/**
 * Quotient and remainder of an affine map by `divisor`, themselves affine, or null. Throws `SplitAxis` where splitting
 * a loop axis would make it possible.
 */
export const divide = (
  a: Affine,
  divisor: number,
  extents: ReadonlyArray<number>
): { readonly quotient: Affine; readonly remainder: Affine } | null => {
  if (divisor === 1) return { quotient: a, remainder: fixed(0, a.strides.length) }
  const high: Array<number> = []
  const low: Array<number> = []
  let least = a.offset
  let most = a.offset
  for (let axis = 0; axis < a.strides.length; axis++) {
    const stride = a.strides[axis]!
    const multiple = stride % divisor === 0
    high.push(multiple ? stride / divisor : 0)
    low.push(multiple ? 0 : stride)
    if (multiple) continue
    const reach = stride * Math.max(0, extents[axis]! - 1)
    if (reach >= divisor && stride > 0 && divisor % stride === 0 && extents[axis]! % (divisor / stride) === 0) {
      throw new SplitAxis(axis, divisor / stride)
    }
    least += Math.min(0, reach)
    most += Math.max(0, reach)
  }
  const carried = Math.floor(least / divisor)
  if (most - carried * divisor >= divisor) return null
  return {
    quotient: { offset: carried, strides: high },
    remainder: { offset: a.offset - carried * divisor, strides: low }
  }
}
