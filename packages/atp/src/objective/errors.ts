import * as Data from "effect/Data"

/**
 * An objective that nothing can be trained on, or a term that does not go with what it stands beside.
 *
 * @example
 * const twice = [Objective.text(1), Objective.text(6)]
 * Method.variant(Methods.coconut, { name: "Mine", summary: "...", objective: twice })
 * // throws two terms are called text, which is their name in metrics; rename one
 */
export class BadObjective extends Data.TaggedError("BadObjective")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
