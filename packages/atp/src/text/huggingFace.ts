/**
 * A vocabulary as Hugging Face's `tokenizer.json`: whole pieces by number, cut as ours are. (But where a text holds a
 * special symbol by name, such as `###`, that library reads the symbol and we read its signs.)
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { MalformedVocabulary } from "./save.ts"
import { specials, type Tokenizer, tokenizer, Vocabulary } from "./tokenizer.ts"

/** What is cut from a text of words, as regular expressions are written there. */
const piece = " ?(?:<<|>>|[\\p{L}\\p{M}']+|\\d|[^\\s])"

/** How texts are prepared and cut, by kind of vocabulary. */
const cutting = {
  symbols: { normalizer: null, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: null },
  words: {
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Strip", strip_left: true, strip_right: true },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Prepend", prepend: " " }
      ]
    },
    // What the pattern matches is kept, and the rest, of which there is nothing but spaces, goes.
    pre_tokenizer: { type: "Split", pattern: { Regex: piece }, behavior: "Removed", invert: true },
    decoder: { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] }
  }
} as const

/** The text of a `tokenizer.json`. */
export const toTokenizerJson = ({ vocabulary: { kind, symbols } }: Tokenizer): string =>
  JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true
    })),
    normalizer: cutting[kind].normalizer,
    pre_tokenizer: cutting[kind].pre_tokenizer,
    post_processor: null,
    decoder: cutting[kind].decoder,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])),
      unk_token: "<unk>"
    }
  })

const file = Schema.Struct({
  pre_tokenizer: Schema.Struct({ type: Schema.Literals(["WhitespaceSplit", "Split"]) }),
  model: Schema.Struct({ type: Schema.Literal("WordLevel"), vocab: Schema.Record(Schema.String, Schema.Int) })
})
const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(file))
const asVocabulary = Schema.decodeUnknownEffect(Vocabulary)

/** Reads the text of a `tokenizer.json` of whole pieces. Fails with `MalformedVocabulary`. */
export const fromTokenizerJson = Effect.fnUntraced(function* (name: string, text: string) {
  const malformed = (error: { readonly message: string }) =>
    new MalformedVocabulary({ file: name, reason: error.message.replaceAll(/\s+/g, " ") })
  const read = yield* Effect.mapError(decode(text), malformed)
  const symbols = Object.entries(read.model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([symbol]) => symbol)
  const kind = read.pre_tokenizer.type === "Split" ? "words" : "symbols"
  const given = Object.values(read.model.vocab).toSorted((a, b) => a - b)
  if (given.some((id, i) => id !== i))
    return yield* malformed({ message: `expected numbers 0 to ${symbols.length - 1}, each once` })
  return tokenizer(yield* Effect.mapError(asVocabulary({ kind, symbols }), malformed))
})
