import { type Dim, Tensor } from "@noema/tensor"
import type { Backbone } from "../part/backbone.ts"
import { likeliestSymbol } from "../policy/choose.ts"
import { special } from "../text/tokenizer.ts"
import { type SureRule, type Watching, watching } from "./stop.ts"

/** What latents are shadowed by. */
export interface ShadowOptions {
  /** The symbols that end them where they are the last of the shadow; `<eot>` alone unless given. */
  readonly ends?: readonly [number, ...ReadonlyArray<number>]
}

/**
 * Enough where the shadow of the latents ends with certain symbols: of symbols that were drawn the first, and of latents that
 * are no symbols what the language head would most likely write in their place (Soft Tokens, arXiv 2509.19170, and the end
 * of thinking in Soft Thinking, arXiv 2505.15778, and Multiplex Thinking, arXiv 2601.08808).
 *
 *     stop: ({ backbone }) => Stop.shadow(backbone)
 *
 * @example
 * const shadow = Stop.shadow(backbone)
 * shadow.watch()({ latent: hidden, hidden }).stops // => [false]
 * const symbols = [Tensor.full([1], Task.special("<eot>"), "i32")]
 * shadow.watch()({ latent: hidden, hidden, symbols }).stops // => [true]
 */
export const shadow = (
  { logits }: Pick<Backbone, "logits">,
  { ends = [special("<eot>")] }: ShadowOptions = {}
): SureRule =>
  watching(
    "shadow",
    <B extends Dim>() => {
      const after =
        (before: ReadonlyArray<Tensor.Tensor<[B], "i32">>): Watching<B> =>
        ({ hidden, symbols }) => {
          const last = [...before, symbols?.[0] ?? likeliestSymbol(logits<[B]>(hidden))].slice(-ends.length)
          const [first, ...rest] = last.map((symbol, i) => Tensor.eq(symbol, ends[i]!))
          const isEnd = rest.reduce((all, each) => Tensor.and(all, each), first!)
          // A shadow that is shorter than what ends it does not end with it.
          const stops = last.length < ends.length ? Tensor.and(isEnd, Tensor.not(isEnd)) : isEnd
          return { stops, next: after(last) }
        }
      return after([])
    },
    { byAction: true }
  )
