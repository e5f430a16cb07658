/** Stop rules: when there have been enough latents. */
import { type Dim, type Shape, Tensor } from "@noema/tensor"
import type { StopHead } from "../part/stopHead.ts"

/** A latent that is proposed, and the state it was proposed in. */
export interface Proposal<B extends Shape> {
  readonly latent: Tensor.Tensor<[...B, "width"]>
  readonly hidden: Tensor.Tensor<[...B, "width"]>
  /** The symbols that it was drawn as: of a policy that draws scores the one with the highest. */
  readonly symbols?: ReadonlyArray<Tensor.Tensor<B, "i32">>
}

/** A rule that is sure, at one latent after the other: whether to stop there, and what it is at the next. */
export type Watching<B extends Dim> = (proposal: Proposal<[B]>) => {
  readonly stops: Tensor.Tensor<[B], "bool">
  readonly next: Watching<B>
}

/**
 * When to stop. A rule that decides is asked at the first latent of each group; a latent that is judged the end is dropped,
 * and so are those after it. One that does not decide takes as many latents as there may be, and keeps spare ones.
 */
export interface StopRule {
  readonly name: string
  /** Logits of going on and of stopping; null where nothing is left to chance. */
  readonly logits: (<B extends Shape>(proposal: Proposal<B>) => Tensor.Tensor<[...B, 2]>) | null
  /** Of a rule that is sure: what it is at the first latent. It sees all latents, and decides at the first of each group. */
  readonly watch?: <B extends Dim>() => Watching<B>
  /**
   * Whether it is symbols that were drawn that make it stop. Those at which it stops are then an action like those before:
   * that nothing goes on is their doing.
   */
  readonly byAction?: boolean
}

/** A rule that is sure. */
export interface SureRule extends StopRule {
  readonly logits: null
  readonly watch: <B extends Dim>() => Watching<B>
}

/** Whether a rule ever stops by itself. */
export const stopsByItself = ({ logits, watch }: StopRule): boolean => logits !== null || watch !== undefined

/** Two logits at every latent, or the sentence that they are not two. */
type Two<B extends Shape, N> = [N] extends [2]
  ? Tensor.Tensor<[...B, 2]>
  : Dim extends N
    ? Tensor.Tensor<[...B, N & Dim]>
    : `stop: expected two logits at every latent, of going on and of stopping, found ${N & Dim}`

/**
 * A rule that decides, by logits of going on and of stopping.
 *
 * @example
 * const coin = Stop.rule("coin", ({ hidden }) => Tensor.dense(hidden, Tensor.zeros([named("width", 2), 2])))
 * coin.logits?.({ latent: hidden, hidden }) // => [[0, 0]]
 */
export function rule<N extends Dim>(
  name: string,
  logits: <B extends Shape>(proposal: Proposal<B>) => Two<B, N>
): StopRule
export function rule(name: string, logits: NonNullable<StopRule["logits"]>): StopRule {
  return { name, logits }
}

/**
 * A rule that is sure, and may remember what it has seen: a function of what is proposed that gives whether to stop there and
 * the function for the next latent.
 *
 * @example
 * const afterTwo = Stop.watching("after two", <B extends Dim>() => {
 *   const seen = (count: number): Stop.Watching<B> => ({ latent }) => ({
 *     stops: Tensor.full([Tensor.dim(latent, 0)], Number(count >= 2), "bool"),
 *     next: seen(count + 1)
 *   })
 *   return seen(1)
 * })
 * const first = afterTwo.watch()({ latent: hidden, hidden })
 * first.stops // => [false]
 * first.next({ latent: hidden, hidden }).stops // => [true]
 */
export const watching = (
  name: string,
  watch: SureRule["watch"],
  { byAction = false }: { readonly byAction?: boolean } = {}
): SureRule => ({ name, logits: null, watch, byAction })

/** A rule that is sure, or the sentence that it is not. */
type Sure<T> = T extends SureRule ? T : "stop: expected a rule that is sure, found one that decides by chance"

/**
 * As soon as one of these would: rules that are sure. One that decides by chance does not compile.
 *
 * @example
 * const rule = Stop.either(Stop.shadow(backbone), Stop.coldStop(backbone, { entropy: 2.1, patience: 1 }))
 * rule.name // => "shadow or cold stop below 2.1 for 1"
 * rule.watch()({ latent: hidden, hidden }).stops // => [true]
 */
export function either<const T extends readonly [StopRule, ...ReadonlyArray<StopRule>]>(
  ...rules: { readonly [I in keyof T]: Sure<T[I]> }
): SureRule
export function either(...rules: readonly [SureRule, ...ReadonlyArray<SureRule>]): SureRule {
  return watching(
    rules.map(({ name }) => name).join(" or "),
    <B extends Dim>() => {
      const all =
        (watchers: ReadonlyArray<Watching<B>>): Watching<B> =>
        (proposal) => {
          const judged = watchers.map((watcher) => watcher(proposal))
          return {
            stops: judged.map(({ stops }) => stops).reduce((a, b) => Tensor.or(a, b)),
            next: all(judged.map(({ next }) => next))
          }
        }
      return all(rules.map(({ watch }) => watch<B>()))
    },
    { byAction: rules.some(({ byAction }) => byAction === true) }
  )
}

/**
 * A head on the latent itself, as in ATP-Latent (arXiv 2601.21598).
 *
 * @example
 * const head: Part.StopHead = { logits: (rows) => Tensor.dense(rows, Tensor.ones([named("width", 2), 2])) }
 * Stop.learned(head).logits?.({ latent: hidden, hidden }) // => [[4, 4]]
 */
export const learned = (head: StopHead): StopRule => rule("learned", ({ latent }) => head.logits(latent))

/**
 * Always as many latents as there may be, as in Coconut (arXiv 2412.06769).
 *
 * @example
 * Stop.fixedCount.logits // => null
 */
export const fixedCount: StopRule = { name: "fixed", logits: null }
