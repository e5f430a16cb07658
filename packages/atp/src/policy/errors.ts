import * as Data from "effect/Data"

/** A policy or a stop rule that cannot be made so; one sentence says why. */
export class BadPolicy extends Data.TaggedError("BadPolicy")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}
