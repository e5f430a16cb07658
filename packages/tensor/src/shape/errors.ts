/**
 * What a rule yields when shapes disagree: a type that carries the sentence, and an error that says it.
 */
import * as Data from "effect/Data"
import { sentence, type Sentence, type SentenceName, type Values } from "./sentences.ts"

declare const mismatch: unique symbol

/** The outcome of a rule that does not hold, at the type level. */
export interface Mismatch<Message extends string> {
  readonly [mismatch]: Message
}

/** A `Mismatch` with one of the sentences. */
export type Wrong<Name extends SentenceName, V extends Values> = Mismatch<Sentence<Name, V>>

/**
 * The argument's own type when the rule holds; otherwise the sentence, to which nothing is assignable.
 * `Extract` and not a bare `extends`: among the outcomes for a union of tensors one mismatch is enough. `any`, which is
 * what a call already reported as wrong returns, passes.
 */
export type Check<Outcome, Argument> = 0 extends 1 & Outcome
  ? Argument
  : [Extract<Outcome, Mismatch<string>>] extends [never]
    ? Argument
    : Extract<Outcome, Mismatch<string>>[typeof mismatch]

/**
 * Shapes, sizes or dtypes disagree; the message is the one the type checker gives for the same program.
 *
 * @example
 * Tensor.add(Tensor.ones([2]), Tensor.ones([3])) // refused add: [2] and [3] do not broadcast, 2 is not 3
 */
export class ShapeError extends Data.TaggedError("ShapeError")<{
  readonly message: string
  readonly reason: SentenceName
}> {}

/** Throws the `ShapeError` that says this sentence. */
export const wrong = (reason: SentenceName, values: Values): never => {
  throw new ShapeError({ message: sentence(reason, values), reason })
}
