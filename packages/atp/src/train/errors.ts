import * as Data from "effect/Data"

/** A checkpoint belongs to another config. */
export class OtherConfig extends Data.TaggedError("OtherConfig")<{
  readonly file: string
  readonly difference: string
}> {
  override get message(): string {
    return `${this.file} was saved with another config: ${this.difference}`
  }
}

/** Training went wrong in a way that more of it will not mend. */
export class Diverged extends Data.TaggedError("Diverged")<{
  readonly update: number
  readonly term: string
  readonly value: number
}> {
  override get message(): string {
    return `the ${this.term} loss is ${this.value} at update ${this.update}; a smaller learning rate may help`
  }
}

/** A run has no checkpoint of a stage. */
export class NoStage extends Data.TaggedError("NoStage")<{ readonly folder: string; readonly stage: string }> {
  override get message(): string {
    return `${this.folder} has no checkpoint of ${this.stage}; train it first`
  }
}
