/**
 * A vocabulary as Hugging Face's `tokenizer.json`: whole pieces by number, cut as ours are. (But where a text holds a
 * special symbol by name, such as `###`, that library reads the symbol and we read its signs.)
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import { parseJson } from "../input/json.ts"
import { plain } from "../input/shown.ts"
import { MalformedVocabulary, vocabularyOf } from "./save.ts"
import { mostSymbols, specials, type Tokenizer, type Vocabulary } from "./tokenizer.ts"

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

/** A `tokenizer.json` of ours but for its pieces. */
const frame = (kind: Vocabulary["kind"]) => ({
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
  model: { type: "WordLevel", vocab: {}, unk_token: "<unk>" }
})

/** The text of a `tokenizer.json`. */
export const toTokenizerJson = ({ vocabulary: { kind, symbols } }: Tokenizer): string => {
  const { model, ...rest } = frame(kind)
  const vocab = Object.fromEntries(symbols.map((symbol, id) => [symbol, id]))
  return JSON.stringify({ ...rest, model: { ...model, vocab } })
}

/** Bytes of a file. */
export const mostBytes = 2 ** 24

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The first field in which a file is not ours of this kind; whatever stands there would cut texts in another way. */
const firstOther = (file: Readonly<Record<string, unknown>>, kind: Vocabulary["kind"]): string | null => {
  const { model, ...ours } = frame(kind)
  const own: Readonly<Record<string, unknown>> = { ...ours, model }
  const read = isRecord(file["model"]) ? { ...file, model: { ...file["model"], vocab: {} } } : file
  const names = new Set([...Object.keys(own), ...Object.keys(read)])
  return [...names].find((name) => !Equal.equals(own[name], (read as typeof own)[name])) ?? null
}

/** Pieces by number, each number from 0 once; null where there is another. */
const inOrder = (pieces: ReadonlyArray<readonly [piece: string, id: unknown]>): ReadonlyArray<string> | null => {
  const symbols = new Array<string>(pieces.length)
  for (const [piece, id] of pieces) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= pieces.length) return null
    if (symbols[id] !== undefined) return null
    symbols[id] = piece
  }
  return symbols
}

/**
 * Reads the text of a `tokenizer.json` that cuts as ours do, into whole pieces. Fails with `MalformedVocabulary`, naming what
 * it says otherwise.
 */
export const fromTokenizerJson = Effect.fnUntraced(function* (name: string, text: string) {
  const malformed = (reason: string) => new MalformedVocabulary({ file: name, reason })
  const file = yield* Effect.mapError(Effect.fromResult(parseJson(text)), ({ reason }) => malformed(reason))
  if (!isRecord(file)) return yield* malformed("expected an object")
  const kind = Equal.equals(file["pre_tokenizer"], cutting.symbols.pre_tokenizer) ? "symbols" : "words"
  const other = firstOther(file, kind)
  if (other !== null)
    return yield* malformed(
      `expected a tokenizer of whole pieces as it is written here, found ${Object.hasOwn(file, other) ? "another" : "no"} ${plain(other, 60)}`
    )
  const vocab = (file["model"] as Readonly<Record<string, unknown>>)["vocab"]
  const pieces = isRecord(vocab) ? Object.entries(vocab) : []
  if (pieces.length > mostSymbols)
    return yield* malformed(`expected at most ${mostSymbols} pieces, found ${pieces.length}`)
  const symbols = inOrder(pieces)
  if (symbols === null) return yield* malformed("expected pieces with numbers from 0, each once")
  return yield* Effect.mapError(vocabularyOf({ kind, symbols }), malformed)
})
