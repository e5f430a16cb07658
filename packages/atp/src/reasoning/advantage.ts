/**
 * Advantages: how much better one attempt at a question was than the others at the same question. Rewards of one group in,
 * one number per attempt out.
 */
export type Advantage = (groupRewards: ReadonlyArray<number>) => ReadonlyArray<number>

const mean = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / xs.length

/** Keeps groups whose rewards differ by rounding alone from becoming all noise. */
const epsilon = 1e-8

/**
 * GRPO: the distance to the group's mean in standard deviations, the `unbiased` (n-1) one by default. Equal rewards give
 * zeros.
 */
export const groupRelative =
  (deviation: "unbiased" | "biased" = "unbiased"): Advantage =>
  (rewards) => {
    const centre = mean(rewards)
    const squares = rewards.reduce((sum, reward) => sum + (reward - centre) ** 2, 0)
    const degrees = deviation === "unbiased" ? rewards.length - 1 : rewards.length
    const spread = degrees > 0 ? Math.sqrt(squares / degrees) : 0
    return rewards.map((reward) => (reward - centre) / (spread + epsilon))
  }

/** RLOO: the distance to the mean of the others in the group; 0 for a group of one. */
export const leaveOneOut: Advantage = (rewards) => {
  const total = rewards.reduce((sum, reward) => sum + reward, 0)
  const others = rewards.length - 1
  return rewards.map((reward) => (others === 0 ? 0 : reward - (total - reward) / others))
}

/** Advantages of a batch that lies group after group, `size` attempts each. */
export const byGroup = (advantage: Advantage, rewards: ReadonlyArray<number>, size: number): ReadonlyArray<number> => {
  if (rewards.length % size !== 0)
    throw new RangeError(`${rewards.length} rewards do not divide into groups of ${size}`)
  return Array.from({ length: rewards.length / size }, (_, group) =>
    advantage(rewards.slice(group * size, (group + 1) * size))
  ).flat()
}
