/** A stretch of an axis from a place that is known when the program runs. */
import { add, broadcast, count, gather, iota, mul, reshape } from "./algebra.ts"
import type { Node } from "./node.ts"

/** The index of each of `length` cells from `at` on, which may be out of range. */
export const indices = (at: Node, length: number): Node => add(iota([length], 0), at)

/** `length` cells of an axis from `at` (i32 scalar) on; those out of range are the nearest in range. */
export const cells = (x: Node, axis: number, at: Node, length: number): Node => {
  const [size, sizes] = [x.sizes[axis]!, x.sizes.with(axis, length)]
  const [outer, inner] = [x.sizes.slice(0, axis), x.sizes.slice(axis + 1)]
  // Looked up among the indices, so that it is clamped, and checked mode sees the index as it was given.
  const within = gather(iota([size], 0), indices(at, length))
  const rows = [count(outer), length]
  const index = add(mul(iota(rows, 0), size), broadcast(within, rows, [1]))
  return reshape(gather(reshape(x, [count(outer) * size, count(inner)]), index), sizes)
}
