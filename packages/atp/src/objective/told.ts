/** Terms of latents that are told, as those of compressed chains are. */
import { stopGradient } from "@noema/autodiff"
import { Random, Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"
import { BadObjective } from "./errors.ts"
import type { Happened, Thought } from "./happened.ts"
import { isOfChain } from "./tell.ts"
import type { Term } from "./term.ts"

/** The latents of a pass, or null without any; throws `BadObjective` where the model drew them by itself. */
const toldOf = (term: string, { thought }: Pick<Happened, "thought">): Thought | null => {
  if (thought?.are === "drawn")
    throw new BadObjective({
      reason: `the term ${term} expects latents that are told, as in a layout of compressed chains, found latents that are drawn`
    })
  return thought
}

/**
 * Cross-entropy of a symbol of what each latent stands for, drawn anew for every batch, at the state before the latent, and
 * of `<eot>` behind the last: mean over all of these (CoLaR, arXiv 2505.16552). It is what teaches the language head to end
 * latents. Where a latent stands for one symbol it is the cross-entropy of the chain. Throws `BadObjective` in a pass whose
 * latents were drawn.
 *
 * @example
 * Objective.nextSymbol(1).loss(Objective.tell(model, batch, Random.key(1)), {}) // => Math.log(8)
 * Objective.nextSymbol(1).loss(happened, {})
 * // throws the term symbol expects latents that are told, as in a layout of compressed chains, found latents that are drawn
 */
export const nextSymbol = (weight: number): Term => ({
  name: "symbol",
  weight,
  loss: (happened) => {
    const thought = toldOf("symbol", happened)
    if (thought === null) return null
    const { batch, key, model } = happened
    const states = Tensor.at(thought.states, 2, 0)
    const count = Tensor.sum(Tensor.cast(isOfChain(batch.groups), "f32"), 2)
    const chosen = Tensor.floor(Tensor.mul(Random.uniformLike(key, count), count))
    const place = Tensor.iota([Tensor.dim(batch.groups, 2)], 0)
    const isChosen = Tensor.eq(Tensor.expandDims(Tensor.cast(chosen, "i32"), 2), place)
    const symbol = Tensor.sum(Tensor.where(isChosen, batch.groups, 0), 2)
    const step = Tensor.iota([Tensor.dim(batch.groups, 1)], 0)
    const needed = Tensor.expandDims(batch.needed, 1)
    const targets = Tensor.where(Tensor.eq(step, needed), special("<eot>"), symbol)
    return Tensor.crossEntropy(model.backbone.logits(states), targets, { mask: Tensor.le(step, needed) })
  }
})

/** How far a latent that is told lies from what the policy says: minus its log-density, or its squared distance to the mode. */
export type LatentLoss = "likelihood" | "squared"

/**
 * How well the policy foretells the latents that are told, at the states before them: minus their log-density (the default)
 * or the squared distance of its mode, mean over coordinates and over the latents that problems need (CoLaR,
 * arXiv 2505.16552). What is told stays as it is: the gradient is that of the policy. Throws `BadObjective` in a pass whose
 * latents were drawn, or whose policy has no density where one is looked at.
 *
 * @example
 * const told = Objective.tell(model, batch, Random.key(1))
 * Objective.nextLatent(1, { loss: "squared" }).loss(told, {}) // => ((6 - 2) ** 2 / 2 + (5 - 6) ** 2 / 2) / 2
 */
export const nextLatent = (weight: number, { loss = "likelihood" }: { readonly loss?: LatentLoss } = {}): Term => ({
  name: "latent",
  weight,
  loss: (happened) => {
    const thought = toldOf("latent", happened)
    if (thought === null) return null
    const { batch, model } = happened
    const dist = model.policy.dist<["batch", "steps", "each"]>(thought.states)
    if ("draws" in dist || "scoresAt" in dist)
      throw new BadObjective({
        reason: `the term latent expects a policy that draws rows, found "${model.policy.name}", which draws ${"draws" in dist ? "symbols" : "scores of symbols"}`
      })
    const { logProb, mode } = dist
    const target = stopGradient(thought.latents)
    if (loss === "likelihood" && logProb === undefined)
      throw new BadObjective({
        reason: `the term latent expects a policy with a density, found "${model.policy.name}"; its loss may be squared`
      })
    const each = loss === "likelihood" ? Tensor.neg(logProb!(target)) : Tensor.square(Tensor.sub(target, mode))
    const step = Tensor.iota([Tensor.dim(batch.groups, 1)], 0)
    const isNeeded = Tensor.cast(Tensor.gt(Tensor.expandDims(batch.needed, 1), step), "f32")
    const perLatent = Tensor.at(Tensor.mean(each, 3), 2, 0)
    return Tensor.div(Tensor.sum(Tensor.mul(perLatent, isNeeded)), Tensor.maximum(Tensor.sum(isNeeded), 1))
  }
})
