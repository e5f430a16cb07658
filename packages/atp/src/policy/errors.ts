import * as Data from "effect/Data"

/**
 * A policy or a stop rule that cannot be made so; one sentence says why.
 *
 * @example
 * Policy.noisy(Policy.hiddenState, 0) // throws expected a deviation above 0, found 0
 */
export class BadPolicy extends Data.TaggedError("BadPolicy")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
