import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
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

const json = Schema.fromJsonString(Vocabulary)

/** Writes the vocabulary as JSON beside a model. */
export const saveTokenizer = Effect.fnUntraced(function* (file: string, { vocabulary }: Tokenizer) {
  const text = yield* Effect.orDie(Schema.encodeEffect(json)(vocabulary))
  yield* writeAtomically(file, new TextEncoder().encode(text))
})

/** Reads what `saveTokenizer` wrote. */
export const loadTokenizer = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const malformed = (error: { readonly message: string }) => new MalformedVocabulary({ file, reason: error.message })
  const text = yield* Effect.mapError(files.readFileString(file), malformed)
  return tokenizer(yield* Effect.mapError(Schema.decodeUnknownEffect(json)(text), malformed))
})
