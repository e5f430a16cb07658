/** Row-major index arithmetic. */

export const strides = (sizes: ReadonlyArray<number>): ReadonlyArray<number> =>
  sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1))

/** `base + sum_a steps[a] * index[a]` for every index of a box of these sizes, in row-major order. */
export const walk = (sizes: ReadonlyArray<number>, steps: ReadonlyArray<number>, base = 0): Int32Array => {
  let places = Int32Array.of(base)
  sizes.forEach((size, axis) => {
    const next = new Int32Array(places.length * size)
    for (let i = 0; i < places.length; i++)
      for (let j = 0; j < size; j++) next[i * size + j] = places[i]! + j * steps[axis]!
    places = next
  })
  return places
}

/** The entries of `list` at `axes`, and those at no axis of `axes`. */
export const at = (list: ReadonlyArray<number>, axes: ReadonlyArray<number>): ReadonlyArray<number> =>
  axes.map((axis) => list[axis]!)

export const except = (list: ReadonlyArray<number>, axes: ReadonlyArray<number>): ReadonlyArray<number> =>
  list.filter((_, axis) => !axes.includes(axis))
