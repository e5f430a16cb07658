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

/** A run was begun with other problems than its config leads to now. */
export class OtherData extends Data.TaggedError("OtherData")<{ readonly folder: string; readonly data: string }> {
  override get message(): string {
    return `${this.folder} holds a run on other problems: ${this.data} has changed since; choose another folder (--out)`
  }
}
