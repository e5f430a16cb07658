/**
 * Tokenizers: text to symbol numbers and back. Both kinds share the special symbols below, which come first and in this
 * order, so that a model's control rows have fixed numbers.
 */
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import { plain, quoted } from "../input/shown.ts"

/** Padding, end of text, the marks around the latents, the sign before the answer, and between two steps. */
export const specials = ["<pad>", "<eos>", "<bot>", "<eot>", "###", "<sep>", "<unk>"] as const
/** A special symbol by name. */
export type Special = (typeof specials)[number]

/**
 * The number of a special symbol (`<pad>`, `<eos>`, `<bot>`, `<eot>`, `###`, `<sep>`, `<unk>`), the same in every vocabulary.
 *
 * @example
 * Task.special("<pad>") // => 0
 * Task.special("###") // => 4
 */
export const special = (symbol: Special): number => specials.indexOf(symbol)

/** A text holds a symbol that a closed vocabulary lacks. */
export class UnknownSymbol extends Data.TaggedError("UnknownSymbol")<{
  readonly symbol: string
  readonly text: string
  /** The symbols there are. */
  readonly known: ReadonlyArray<string>
}> {
  override get message(): string {
    const apart = takenApart(this.symbol, this.known)
    const way = apart === null ? "" : `; symbols stand apart: ${quoted(apart.join(" "), 80)}`
    const rest = this.known.length > mostNamed ? ` and ${this.known.length - mostNamed} more` : ""
    const named = plain(this.known.slice(0, mostNamed).join(" "), 400)
    return `the vocabulary has no symbol ${quoted(this.symbol)}, found in ${quoted(this.text, 80)}${way}; it has ${named}${rest}`
  }
}

/** Symbols that a message names. */
const mostNamed = 40

/** A text as symbols that were written together, or null where it is none. */
const takenApart = (text: string, known: ReadonlyArray<string>): ReadonlyArray<string> | null => {
  const parts: Array<string> = []
  for (let rest = text.slice(0, 200); rest !== ""; rest = rest.slice(parts.at(-1)!.length)) {
    const longest = known
      .filter((symbol) => symbol !== "" && rest.startsWith(symbol))
      .toSorted((a, b) => b.length - a.length)[0]
    if (longest === undefined) return null
    parts.push(longest)
  }
  return parts.length > 1 ? parts : null
}

/** Twice the largest vocabularies of language models. */
export const mostSymbols = 2 ** 18

/**
 * How text is cut. `symbols`: at spaces, and every piece must be in the vocabulary. `words`: into words, punctuation and
 * single digits, each with the space before it; what is not in the vocabulary becomes `<unk>`.
 */
export class Vocabulary extends Schema.Class<Vocabulary>("noema/Vocabulary")({
  kind: Schema.Literals(["symbols", "words"]),
  /** All symbols, the specials first. */
  symbols: Schema.Array(Schema.String).pipe(
    Schema.check(
      Schema.makeFilter((symbols: ReadonlyArray<string>) => {
        if (symbols.length > mostSymbols) return `expected at most ${mostSymbols} symbols, found ${symbols.length}`
        if (!specials.every((symbol, i) => symbols[i] === symbol)) return `expected to begin with ${specials.join(" ")}`
        return new Set(symbols).size === symbols.length || "expected every symbol once"
      })
    )
  )
}) {}

/** Text to symbol numbers and back, over one vocabulary. */
export interface Tokenizer {
  readonly vocabulary: Vocabulary
  readonly size: number
  /** Symbol numbers; throws `UnknownSymbol` only for a closed vocabulary. */
  readonly encode: (text: string) => ReadonlyArray<number>
  /** Text without the specials. `decode(encode(text))` is `text` where every piece is known and spaces are single. */
  readonly decode: (ids: ReadonlyArray<number>) => string
}

/**
 * Words, digits one by one, equation brackets and other signs, each with the space before it. Text begins as if after a
 * space, so that a word is the same symbol at the start and later.
 */
const pieces = (text: string): ReadonlyArray<string> =>
  ` ${text.trim().replaceAll(/\s+/g, " ")}`.match(/ ?(?:<<|>>|[\p{L}\p{M}']+|\d|[^\s])/gu) ?? []

/** A tokenizer over a vocabulary, new or loaded. */
export const tokenizer = (vocabulary: Vocabulary): Tokenizer => {
  const number = new Map(vocabulary.symbols.map((symbol, id) => [symbol, id]))
  const known = (ids: ReadonlyArray<number>) =>
    ids.filter((id) => id >= specials.length).map((id) => vocabulary.symbols[id] ?? "")
  return vocabulary.kind === "symbols"
    ? {
        vocabulary,
        size: vocabulary.symbols.length,
        encode: (text) =>
          text
            .split(" ")
            .filter((symbol) => symbol !== "")
            .map((symbol) => {
              const id = number.get(symbol)
              if (id === undefined)
                throw new UnknownSymbol({ symbol, text, known: vocabulary.symbols.slice(specials.length) })
              return id
            }),
        decode: (ids) => known(ids).join(" ")
      }
    : {
        vocabulary,
        size: vocabulary.symbols.length,
        encode: (text) => pieces(text).map((piece) => number.get(piece) ?? special("<unk>")),
        decode: (ids) => known(ids).join("").trimStart()
      }
}

/**
 * The tokenizer of a generated task: these symbols and no others, behind the seven special ones. Its `encode` throws
 * `UnknownSymbol` for any other.
 *
 * @example
 * const { decode, encode, size } = Task.fixedVocabulary(["1", "2", "+"])
 * encode("1 + 2") // => [7, 9, 8]
 * decode([7, 9, 8, 1]) // => "1 + 2"
 * size // => 10
 * encode("1 - 2") // throws the vocabulary has no symbol "-", found in "1 - 2"; it has 1 2 +
 */
export const fixedVocabulary = (symbols: ReadonlyArray<string>): Tokenizer =>
  tokenizer(new Vocabulary({ kind: "symbols", symbols: [...specials, ...symbols] }))

const always = [..."0123456789", "+", "-", "*", "/", "=", ".", "<<", ">>"].flatMap((sign) => [sign, ` ${sign}`])

/**
 * The tokenizer of a corpus: digits and arithmetic signs always, then the most frequent pieces, `size` symbols in all.
 *
 *     const words = corpusVocabulary(problems.flatMap((p) => [p.question, ...p.steps, p.answer]), 4000)
 */
export const corpusVocabulary = (texts: Iterable<string>, size: number): Tokenizer => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const piece of pieces(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  const fixed: ReadonlyArray<string> = [...specials, ...always]
  const frequent = [...counts]
    .filter(([piece]) => !fixed.includes(piece))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, Math.max(0, size - fixed.length))
    .map(([piece]) => piece)
  return tokenizer(new Vocabulary({ kind: "words", symbols: [...fixed, ...frequent] }))
}
