import * as Data from "effect/Data"

/** What rewards promise, by name. */
export type RewardLaw =
  | "one score per attempt"
  | "finite"
  | "within range"
  | "one score per step"
  | "deterministic for a key"
  | "batch order"
  | "batch company"
  | "made of its parts"

/**
 * A reward broke one of the laws that training relies on.
 *
 * @example
 * const error = new Reward.RewardLawBroken({ reward: "mine", law: "finite", found: "attempt 0 scores NaN" })
 * error.message // => "the reward \"mine\" breaks the law \"finite\": attempt 0 scores NaN"
 */
export class RewardLawBroken extends Data.TaggedError("RewardLawBroken")<{
  readonly reward: string
  readonly law: RewardLaw
  readonly found: string
}> {
  override get message(): string {
    return `the reward "${this.reward}" breaks the law "${this.law}": ${this.found}`
  }
}

/** What it is called when attempts have no score, or scores no attempt. */
export const countBroken = (reward: string, scores: number, attempts: number): RewardLawBroken =>
  new RewardLawBroken({
    reward,
    law: "one score per attempt",
    found: `${scores} scores for ${attempts} attempts`
  })

const spoken = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : typeof error === "string" ? error : JSON.stringify(error)

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/**
 * A reward could not score some attempts of a round; an event of the run, which says what it did about it.
 *
 * @example
 * const failed = { reward: "judge", round: 3, attempts: 2, of: 64, error: "no answer", did: "skipped", groups: 1 } as const
 * new Reward.RewardFailed(failed).message
 * // => "the reward \"judge\" failed in round 3 for 2 of 64 attempts, 1 group left out: no answer"
 */
export class RewardFailed<out E> extends Data.TaggedClass("RewardFailed")<{
  readonly reward: string
  readonly round: number
  /** Attempts without a score, of how many; null where the first failure was the end. */
  readonly attempts: number | null
  readonly of: number
  /** What it failed with first. */
  readonly error: E
  /** What the run did: it left the groups of these attempts out, or stopped. */
  readonly did: "stopped" | "skipped"
  /** Groups left out. */
  readonly groups: number
}> {
  get message(): string {
    const where = this.attempts === null ? "" : ` for ${this.attempts} of ${counted(this.of, "attempt")}`
    const did = this.did === "stopped" ? "the run stops" : `${counted(this.groups, "group")} left out`
    return `the reward "${this.reward}" failed in round ${this.round}${where}, ${did}: ${spoken(this.error)}`
  }
}
