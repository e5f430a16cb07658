/**
 * Wilson's 95 % interval of a share (Wilson 1927), from how many of so many were right: where the share of all questions of the
 * kind may lie. Unlike one of a mean it stays within 0 and 1 and has a width where none or all were right. Without questions it
 * is everything. Another `z` gives another interval, 2.576 one of 99 %.
 *
 * @example
 * Evaluate.wilson(90, 100).map((share) => share.toFixed(3)) // => ["0.826", "0.945"]
 * Evaluate.wilson(0, 0) // => [0, 1]
 */
export const wilson = (right: number, of: number, z = 1.959963984540054): readonly [low: number, high: number] => {
  if (of === 0) return [0, 1]
  const [share, weight] = [right / of, z ** 2 / of]
  const centre = (share + weight / 2) / (1 + weight)
  const half = (z / (1 + weight)) * Math.sqrt((share * (1 - share)) / of + weight / (4 * of))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}
