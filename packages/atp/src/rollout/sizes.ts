/** How large batches are: few sizes, since programs are compiled for each. */

/**
 * Rows that a batch has at least, and a multiple of: with fewer there is little to save, and devices add up the products of
 * a few rows in another order, so that a row would depend on how many others there are.
 */
const least = 8

const roundUp = (rows: number): number => Math.ceil(rows / least) * least

/** The smallest size that so many rows fit: `all`, or halves of that. */
const halves =
  (all: number) =>
  (rows: number): number => {
    let size = all
    for (let half = roundUp(size / 2); half < size && half >= rows; half = roundUp(size / 2)) size = half
    return size
  }

/** As `halves`, with a size half-way between each and the next. */
const quarterly =
  (all: number) =>
  (rows: number): number => {
    const half = halves(all)(rows)
    const between = roundUp((3 * half) / 4)
    return between < half && between >= rows ? between : half
  }

/**
 * Chooses among sizes those for which programs have been compiled, until another that would be smaller has been wanted
 * `patience` times.
 */
const choosing = (fitting: (rows: number) => number, patience: number) => {
  const wanted = new Map<number, number>()
  const compiled = new Set<number>()
  return (rows: number, now = Infinity): number => {
    const best = fitting(rows)
    if (best >= now) return now
    const times = (wanted.get(best) ?? 0) + 1
    wanted.set(best, times)
    const others = [...compiled, ...(now === Infinity ? [] : [now])].filter((size) => size >= best && size <= now)
    if (others.length === 0 || times > patience) compiled.add(best)
    return Math.min(...others, ...(compiled.has(best) ? [best] : []))
  }
}

/**
 * Sizes for texts as they end, of which there are `all` at first and `now` rows in the batch that they are in.
 *
 * @example
 * const sizeFor = batchSizes(64, 0)
 * sizeFor(17, 64) // => 32
 */
export const batchSizes = (all: number, patience: number): ((open: number, now?: number) => number) =>
  choosing(halves(all), patience)

/**
 * Sizes for rows that stand side by side, of which there may be `all`.
 *
 * @example
 * const sizeFor = packedSizes(64, 0)
 * sizeFor(33) // => 48
 */
export const packedSizes = (all: number, patience: number): ((rows: number) => number) =>
  choosing(quarterly(all), patience)
