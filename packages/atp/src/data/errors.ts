import * as Data from "effect/Data"
import { quoted } from "../input/shown.ts"

/**
 * A line of a data file is not what its format says.
 *
 * @example
 * const line = { file: "train.jsonl", line: 7, expected: "a question and its answer", found: "42" }
 * new Task.MalformedLine(line).message // => "train.jsonl, line 7: expected a question and its answer, found \"42\""
 */
export class MalformedLine extends Data.TaggedError("MalformedLine")<{
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly expected: string
  readonly found: string
}> {
  override get message(): string {
    return `${this.file}, line ${this.line}: expected ${this.expected}, found ${quoted(this.found)}`
  }
}

/**
 * An answer had to be a number and is not.
 *
 * @example
 * new Task.AnswerNotANumber({ file: "train.jsonl", line: 7, found: "ten" }).message
 * // => "train.jsonl, line 7: the answer \"ten\" is not a number"
 */
export class AnswerNotANumber extends Data.TaggedError("AnswerNotANumber")<{
  readonly file: string
  readonly line: number
  readonly found: string
}> {
  override get message(): string {
    return `${this.file}, line ${this.line}: the answer ${quoted(this.found)} is not a number`
  }
}

/**
 * A data file without a single problem.
 *
 * @example
 * new Task.EmptyData({ file: "train.jsonl" }).message // => "train.jsonl holds no problems"
 */
export class EmptyData extends Data.TaggedError("EmptyData")<{ readonly file: string }> {
  override get message(): string {
    return `${this.file} holds no problems`
  }
}

/** What a run needs problems for. */
export type Use = "training" | "reinforcement"

/**
 * A data file has problems, and none is left for something a run needs.
 *
 * @example
 * const leftOut = ["9 problems without steps"]
 * new Task.NothingToLearn({ file: "train.jsonl", use: "reinforcement", leftOut }).message
 * // => "train.jsonl has too few problems: none remains for reinforcement; left out: 9 problems without steps"
 */
export class NothingToLearn extends Data.TaggedError("NothingToLearn")<{
  readonly file: string
  readonly use: Use
  /** What of the file does not take part, in words. */
  readonly leftOut: ReadonlyArray<string>
}> {
  override get message(): string {
    const left = this.leftOut.length === 0 ? "" : `; left out: ${this.leftOut.join(", ")}`
    return `${this.file} has too few problems: none remains for ${this.use}${left}`
  }
}

/**
 * A data file that cannot be read.
 *
 * @example
 * new Task.UnreadableData({ file: "train.jsonl", reason: "no such file" }).message
 * // => "train.jsonl cannot be read: no such file"
 */
export class UnreadableData extends Data.TaggedError("UnreadableData")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} cannot be read: ${this.reason}`
  }
}

/** What can be wrong with a data file. */
export type DataError = MalformedLine | AnswerNotANumber | EmptyData | NothingToLearn | UnreadableData
