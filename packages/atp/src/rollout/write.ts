/** Symbols written one after the other, on the device. */
import { type Dim, type Shape, Tensor } from "@noema/tensor"
import { advance, type Context } from "../context/context.ts"
import { writable } from "../policy/writable.ts"
import { special } from "../text/tokenizer.ts"
import { likeliestSymbol, sampledSymbol } from "../policy/choose.ts"

/** What turns states into symbols and symbols into rows: a backbone, or a decoder of steps. */
export interface Voice {
  readonly embed: <B extends Shape>(symbols: Tensor.Tensor<B, "i32">) => Tensor.Tensor<[...B, "width"]>
  readonly logits: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "vocabulary"]>
}

/** Sequences that are being written. */
export interface Writing<B extends Dim> {
  readonly context: Context<B>
  /** True for those that have written their end mark. */
  readonly ended: Tensor.Tensor<[B], "bool">
}

/** Uniform numbers for the next symbols, or null for the likeliest ones. */
export type Uniforms<B extends Dim> = ((at: number) => Tensor.Tensor<[B]>) | null

/** How many symbols are written, whether there are more to come, and what they are drawn with. */
export interface WriteOptions<B extends Dim> {
  readonly count: number
  readonly more: boolean
  readonly uniforms: Uniforms<B>
}

/** What was written: a list of symbols by time, ends repeated. */
export interface Wrote<B extends Dim> {
  readonly writing: Writing<B>
  readonly symbols: ReadonlyArray<Tensor.Tensor<[B], "i32">>
  /** Log-probabilities of these symbols among those that may be written; anything behind an end. */
  readonly logProbs: ReadonlyArray<Tensor.Tensor<[B]>>
  /** What they were chosen by, of those that may be written. */
  readonly logits: ReadonlyArray<Tensor.Tensor<[B, "vocabulary"]>>
}

/** `count` more symbols in every sequence. The last is not read again unless there is `more` to come. */
export const write = <B extends Dim>(
  voice: Voice,
  { context, ended }: Writing<B>,
  { count, more, uniforms }: WriteOptions<B>
): Wrote<B> => {
  const symbols: Array<Tensor.Tensor<[B], "i32">> = []
  const logProbs: Array<Tensor.Tensor<[B]>> = []
  const chosenBy: Array<Tensor.Tensor<[B, "vocabulary"]>> = []
  for (let at = 0; at < count; at++) {
    const logits = voice.logits(context.state.hidden)
    const chosen = uniforms === null ? likeliestSymbol(logits) : sampledSymbol(logits, uniforms(at))
    const symbol = Tensor.where(ended, special("<eos>"), chosen)
    symbols.push(symbol)
    const possible = writable(logits)
    logProbs.push(Tensor.labelLogProbs(possible, symbol))
    chosenBy.push(possible)
    ended = Tensor.eq(symbol, special("<eos>"))
    if (more || at < count - 1) context = advance(context, voice.embed(symbol), Tensor.onesLike(ended))
  }
  return { writing: { context, ended }, symbols, logProbs, logits: chosenBy }
}
