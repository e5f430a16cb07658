/**
 * Advantages: how much better an attempt was than what it is compared with. Totals of a batch in, group by group, one number
 * per attempt out. Nothing changes where the same is added to all totals, and equal totals, however large, give zeros.
 */

/**
 * From totals, group by group, to advantages.
 *
 * @example
 * const best: Reinforce.Advantage.Advantage = {
 *   name: "best of the group",
 *   of: (groups) => groups.map((group) => group.map((total) => Number(total === Math.max(...group))))
 * }
 * best.of([[0.2, 0.9]]) // => [[0, 1]]
 * Reinforce.term({ advantage: best }).advantage.name // => "best of the group"
 */
export interface Advantage {
  readonly name: string
  readonly of: (groups: ReadonlyArray<ReadonlyArray<number>>) => ReadonlyArray<ReadonlyArray<number>>
}

const mean = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / xs.length

/** Distances to the first: exact for equal numbers of any size, where sums are not. */
const fromFirst = (xs: ReadonlyArray<number>): ReadonlyArray<number> => xs.map((x) => x - xs[0]!)

/** Distances to the mean. */
const centred = (xs: ReadonlyArray<number>): ReadonlyArray<number> => {
  const distances = fromFirst(xs)
  const centre = mean(distances)
  return distances.map((x) => x - centre)
}

/** The standard deviation of distances to their mean. */
const spreadOf = (distances: ReadonlyArray<number>, deviation: Deviation): number => {
  const degrees = deviation === "unbiased" ? distances.length - 1 : distances.length
  return degrees > 0 ? Math.sqrt(distances.reduce((sum, x) => sum + x ** 2, 0) / degrees) : 0
}

/** Divided by n - 1, or by n. */
export type Deviation = "unbiased" | "biased"

/** Keeps totals that differ by rounding alone from becoming all noise. */
const epsilon = 1e-8

const inGroups = (name: string, of: (group: ReadonlyArray<number>) => ReadonlyArray<number>): Advantage => ({
  name,
  of: (groups) => groups.map(of)
})

/**
 * GRPO (arXiv 2402.03300, section 4.1.2): the distance to the group's mean in its deviations, (r - mean) / deviation, which
 * is divided by n - 1 unless it is to be biased.
 *
 * @example
 * Reinforce.Advantage.groupRelative().of([[1, 0], [3, 3]]) // => [[Math.SQRT1_2, -Math.SQRT1_2], [0, 0]]
 * Reinforce.Advantage.groupRelative("biased").of([[1, 0]]) // => [[1, -1]]
 */
export const groupRelative = (deviation: Deviation = "unbiased"): Advantage =>
  inGroups(deviation === "unbiased" ? "group-relative" : "group-relative, biased", (rewards) => {
    const distances = centred(rewards)
    const spread = spreadOf(distances, deviation)
    return distances.map((x) => x / (spread + epsilon))
  })

/**
 * RLOO (arXiv 2402.14740): the distance to the mean of the others in the group, r_i - mean of r_j, j not i;
 * 0 for a group of one. Small differences stay small.
 *
 * @example
 * Reinforce.Advantage.leaveOneOut.of([[1, 0, 0.5]]) // => [[0.75, -0.75, 0]]
 */
export const leaveOneOut: Advantage = inGroups("leave-one-out", (rewards) => {
  const distances = fromFirst(rewards)
  const total = distances.reduce((sum, x) => sum + x, 0)
  const others = rewards.length - 1
  return distances.map((x) => (others === 0 ? 0 : x - (total - x) / others))
})

/**
 * Dr. GRPO (arXiv 2503.20783): the distance to the group's mean, r - mean, not divided: questions that are
 * nearly always or nearly never solved count for no more than others.
 *
 * @example
 * Reinforce.Advantage.drGrpo.of([[1, 0], [1, 0.5]]) // => [[0.5, -0.5], [0.25, -0.25]]
 */
export const drGrpo: Advantage = inGroups("dr-grpo", centred)

/**
 * REINFORCE++ (arXiv 2501.03262): the distance to the mean of the whole batch in its deviations, whatever the
 * group.
 *
 * @example
 * Reinforce.Advantage.batchNormalised.of([[1, 1], [0, 0]]) // => [[1, 1], [-1, -1]]
 */
export const batchNormalised: Advantage = {
  name: "batch-normalised",
  of: (groups) => {
    const distances = centred(groups.flat())
    const spread = spreadOf(distances, "biased")
    let at = 0
    return groups.map((group) => group.map(() => distances[at++]! / (spread + epsilon)))
  }
}
