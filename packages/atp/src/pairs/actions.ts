/** What attempts did under a model, action by action: latents with what was decided at them, the stop, and symbols. */
import { type Dim, Tensor } from "@noema/tensor"
import type { Model } from "../model/model.ts"
import { contrasted } from "../objective/pairLoss.ts"
import * as Coordinates from "../reinforce/coordinates.ts"
import { densityOf } from "../reinforce/density.ts"
import { askedOf, decisions, remembered, type Stored, writtenAfter } from "../reinforce/stored.ts"

/** Log-probabilities of actions, and of symbols those of all that might have been written. */
export interface Done {
  readonly logProb: Tensor.Tensor<["batch", number]>
  /** 1 where there is an action. */
  readonly live: Tensor.Tensor<["batch", number]>
  /** Of all symbols at the last places, which are those of what was written. */
  readonly predicted: Tensor.Tensor<["batch", number, "vocabulary"]>
  readonly symbols: Tensor.Tensor<["batch", number], "i32">
}

type Actions = Tensor.Tensor<["batch", number]>

/** Numbers by action, whatever their axis is called. */
export const byAction = <N extends Dim>(x: Tensor.Tensor<["batch", N]>): Actions => Tensor.narrow(x, 1, 0, x.sizes[1]!)

const beside = (first: Actions, second: Actions): Actions => Tensor.concat([first, second], 1)

/** What stored attempts did under a model. A latent is one action, with the density of all of its coordinates. */
export const done = (model: Model, perStep: number, stored: Stored): Done => {
  if (stored.latents.length === 0) {
    const { isWritten, ...written } = writtenAfter(model, "writable", stored, askedOf(model, stored))
    return { ...written, live: Tensor.cast(isWritten, "f32") }
  }
  const thinking = remembered(model, model.policy, perStep, stored)
  const decided = decisions(model, perStep, "writable", stored, thinking)
  const found = densityOf(model.policy, thinking, stored)
  if (found === null) throw new TypeError(`expected a policy with a density, found ${model.policy.name}`)
  const joint = Tensor.at(Coordinates.sum.of(found.density, decided.going), 2, 0)
  const { predicted, symbols } = writtenAfter(model, "writable", stored, thinking.context)
  return {
    logProb: beside(byAction(Tensor.where(decided.kept, joint, 0)), decided.written),
    live: beside(byAction(Tensor.cast(decided.kept, "f32")), Tensor.cast(decided.live, "f32")),
    predicted,
    symbols
  }
}

/**
 * How little each action was to blame, from 0 to 1: of symbols their probability under the contrast of both models, of latents
 * and stops, whose alternatives cannot be gone over, the chance that the model of right attempts took them and not the other.
 */
export const scoresOf = (right: Done, wrong: Done, beta: number): Actions => {
  const symbols = Tensor.exp(Tensor.labelLogProbs(contrasted(right.predicted, wrong.predicted, beta), right.symbols))
  const before = right.logProb.sizes[1]! - symbols.sizes[1]!
  if (before === 0) return symbols
  const first = (of: Done) => Tensor.slice(of.logProb, 1, [0, before])
  return beside(Tensor.sigmoid(Tensor.sub(first(right), first(wrong))), symbols)
}

/** Minus the mean log-probability of what attempts did: what a model of one side of them learns by. */
export const lossOfActions = ({ live, logProb }: Done): Tensor.Tensor<[]> =>
  Tensor.neg(Tensor.div(Tensor.sum(logProb), Tensor.maximum(Tensor.sum(live), 1)))
