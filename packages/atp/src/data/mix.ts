/** How many questions of each number of steps a part of a data set has: the same share in all parts. */

/** Of one part: questions that are wanted, and how many there are of each number of steps. */
export interface Supply {
  readonly wanted: number
  readonly there: ReadonlyArray<number>
}

/**
 * Shares of the numbers of steps in every part: alike, but less of a number that a part has too few questions of, and so
 * much more of the others.
 *
 *     sharesOf([{ wanted: 100, there: [10, 100, 100] }]) // [0.1, 0.45, 0.45]
 */
export const sharesOf = (parts: ReadonlyArray<Supply>): ReadonlyArray<number> => {
  const kinds = parts[0]?.there.length ?? 0
  const most = Array.from({ length: kinds }, (_, kind) =>
    Math.min(
      1,
      ...parts.map(({ there, wanted }) => {
        const all = there.reduce((sum, count) => sum + count, 0)
        return all === 0 ? 1 : there[kind]! / Math.min(wanted, all)
      })
    )
  )
  const total = most.reduce((sum, share) => sum + share, 0)
  if (total <= 1) return most.map((share) => (total === 0 ? 1 / kinds : share / total))
  const shares = most.map(() => 0)
  let left = 1
  const scarceFirst = most.map((_, kind) => kind).sort((a, b) => most[a]! - most[b]!)
  scarceFirst.forEach((kind, i) => {
    shares[kind] = Math.min(most[kind]!, left / (kinds - i))
    left -= shares[kind]!
  })
  return shares
}

/**
 * Up to `count` of what there is of each kind, in an order in which every beginning has these shares, as far as whole
 * numbers do. It ends where the next would be of a kind that there are no more of.
 */
export const mixed = <A>(
  kinds: ReadonlyArray<ReadonlyArray<A>>,
  shares: ReadonlyArray<number>,
  count: number
): ReadonlyArray<A> => {
  const taken = kinds.map(() => 0)
  const found: Array<A> = []
  while (found.length < count) {
    const owed = shares.map((share, kind) => share * (found.length + 1) - taken[kind]!)
    const next = owed.indexOf(Math.max(...owed))
    const one = kinds[next]?.[taken[next]!]
    if (one === undefined) break
    taken[next]!++
    found.push(one)
  }
  return found
}
