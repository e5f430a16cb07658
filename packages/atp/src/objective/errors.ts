import * as Data from "effect/Data"

/** An objective that nothing can be trained on, or a term that does not go with what it stands beside. */
export class BadObjective extends Data.TaggedError("BadObjective")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
