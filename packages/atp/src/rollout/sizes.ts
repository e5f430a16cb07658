/** How many rows a batch has as some of them end. */

/**
 * Rows that a smaller batch has at least, and a multiple of: with fewer there is little to save, and devices add up the
 * products of a few rows in another order, so that a row would depend on how many others there are.
 */
const least = 8

/** Batches get smaller by halves, so that few sizes have to be compiled for. */
const fitting = (all: number, open: number): number => {
  let size = all
  for (;;) {
    const half = Math.ceil(size / 2 / least) * least
    if (half >= size || half < open) return size
    size = half
  }
}

/**
 * Sizes of batches of up to `all` rows. A size is used once it has been wanted `patience` times, since a program is
 * compiled for each; until then rows that have ended are carried along in a larger one.
 *
 * @example
 * const sizeFor = batchSizes(64, 0)
 * sizeFor(17) // => 32
 */
export const batchSizes = (all: number, patience: number): ((open: number, now?: number) => number) => {
  const wanted = new Map<number, number>()
  return (open, now = all) => {
    const best = fitting(all, open)
    if (best >= now) return now
    wanted.set(best, (wanted.get(best) ?? 0) + 1)
    const ready = [...wanted].filter(([size, times]) => size >= best && size < now && times > patience)
    return Math.min(now, ...ready.map(([size]) => size))
  }
}
