/** How fast something grows: the power of a factor that it follows, beside the one that is claimed. */

/** The power p for which y grows as x^p from the first point to the last. */
export const power = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number =>
  Math.log(y.at(-1)! / y[0]!) / Math.log(x.at(-1)! / x[0]!)

/** `memory with the power 0.98 of the batch (at most 1.1: holds)`. */
export const growth = (
  what: string,
  factor: string,
  limit: number,
  x: ReadonlyArray<number>,
  y: ReadonlyArray<number>
): string => {
  const found = power(x, y)
  return `${what} with the power ${found.toFixed(2)} of ${factor} (at most ${limit}: ${found <= limit ? "holds" : "missed"})`
}
