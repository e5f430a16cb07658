/** A number for every state: one linear map. */
import { Last, Program, type Shape, Tensor } from "@noema/tensor"
import * as Initial from "./initial.ts"
import { part } from "./part.ts"

const { spec } = Program

/** What states are worth. */
export interface ScoreHead {
  readonly of: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<B>
}

/** No score lies further from 0: it bends towards this, and is as it was near 0. */
export const mostScore = 10

/**
 * The head of a reward model: 10 tanh(w h / 10), which is w h near 0. It begins close to 0, where all are worth the same.
 *
 * @example
 * const { of } = Part.scoreHead().use({ weight: Tensor.ones([named("width", 2)]) }, { sizes, backbone })
 * of(hidden) // => [10 * Math.tanh(0.4)]
 */
export const scoreHead = () =>
  part({
    specs: { weight: spec(["width"]) },
    init: { weight: Initial.normal(0.01) },
    use: ({ weight }): ScoreHead => ({
      of: (hidden) => {
        const score = Last.sum(Tensor.mul(hidden, weight))
        return Tensor.mul(Tensor.tanh(Tensor.mul(score, 1 / mostScore)), mostScore)
      }
    })
  })
