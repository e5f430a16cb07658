/** Which problems an update is about. */
import { derive, draws, type Key } from "../random/key.ts"

/**
 * The rows of updates: every problem once per epoch, in an order that depends on the key and the epoch alone. A run that
 * resumes at any update sees the same rows.
 */
export const rowsOf = (key: Key, problems: number, batch: number): ((update: number) => ReadonlyArray<number>) => {
  // Shuffling costs a tenth of an update, and all updates of an epoch share it.
  let epoch = -1
  let order: ReadonlyArray<number> = []
  const at = (place: number): number => {
    const needed = Math.floor(place / problems)
    if (needed !== epoch) {
      epoch = needed
      order = draws(derive(key, "order", epoch)).shuffle(Array.from({ length: problems }, (_, i) => i))
    }
    return order[place % problems]!
  }
  return (update) => Array.from({ length: batch }, (_, i) => at(update * batch + i))
}
