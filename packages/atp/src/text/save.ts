import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readText } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { plain } from "../input/shown.ts"
import { writeAtomically } from "../run/atomic.ts"
import { type Tokenizer, tokenizer, Vocabulary } from "./tokenizer.ts"

/** A vocabulary file that is not one. */
export class MalformedVocabulary extends Data.TaggedError("MalformedVocabulary")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} is not a vocabulary: ${this.reason}`
  }
}

/** Bytes of a vocabulary file. */
const mostBytes = 2 ** 24

const decode = Schema.decodeUnknownEffect(Vocabulary, { onExcessProperty: "error" })

/** The tokenizer of a vocabulary from outside, or what is wrong with it. */
export const vocabularyOf = (value: unknown): Effect.Effect<Tokenizer, string> =>
  Effect.mapBoth(decode(value), { onSuccess: tokenizer, onFailure: ({ message }) => plain(message, 300) })

/** Writes the vocabulary as JSON beside a model. */
export const saveTokenizer = Effect.fnUntraced(function* (file: string, { vocabulary }: Tokenizer) {
  const { kind, symbols } = vocabulary
  yield* writeAtomically(file, new TextEncoder().encode(JSON.stringify({ kind, symbols })))
})

/** Reads what `saveTokenizer` wrote. */
export const loadTokenizer = Effect.fnUntraced(function* (file: string) {
  const malformed = (reason: string) => new MalformedVocabulary({ file, reason })
  const text = yield* Effect.mapError(readText(file, mostBytes), ({ reason }) => malformed(reason))
  const value = yield* Effect.mapError(Effect.fromResult(parseJson(text)), ({ reason }) => malformed(reason))
  return yield* Effect.mapError(vocabularyOf(value), malformed)
})
