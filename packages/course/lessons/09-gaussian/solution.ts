/** 09 gaussian: latents that are drawn, with a density. */
import { Layout, Method, Objective, Part, Policy, Stop } from "@noema/atp"
import { type Shape, Tensor } from "@noema/tensor"

/** A row of the model's width at every state. */
type Row<B extends Shape> = Tensor.Tensor<[...B, "width"]>

/**
 * A policy that draws the next latent from a Gaussian. The head says its mean and log-variance at a hidden state; no deviation is
 * less than `floor`, or else there would be nothing to explore. All is by coordinate.
 */
export const gaussianHead = (head: Part.LatentHead, floor: number): Policy.StepPolicy<"scored"> => ({
  name: `gaussian, at least ${floor}`,
  density: "scored",
  sampling: "reparameterised",
  dist: <B extends Shape>(hidden: Row<B>) => {
    const { logVariance, mean } = head.at<B>(hidden)
    const deviation: Row<B> = Tensor.maximum(Tensor.exp(Tensor.mul(logVariance, 0.5)), floor)
    /** The latent that standard normal noise becomes. */
    const at = (noise: Row<B>): Row<B> => Tensor.add(mean, Tensor.mul(deviation, noise))
    /** log N(action; mean, deviation²) */
    const logProb = (action: Row<B>): Row<B> => {
      const distance: Row<B> = Tensor.div(Tensor.sub(action, mean), deviation)
      return Tensor.sub(
        Tensor.sub(Tensor.mul(Tensor.square(distance), -0.5), Tensor.log(deviation)),
        0.5 * Math.log(2 * Math.PI)
      )
    }
    /** KL(N(mean, deviation²) || N(0, 1)) */
    const kl: Row<B> = Tensor.mul(
      Tensor.sub(
        Tensor.sub(Tensor.add(Tensor.square(mean), Tensor.square(deviation)), 1),
        Tensor.mul(Tensor.log(deviation), 2)
      ),
      0.5
    )
    return { mode: mean, at, logProb, kl }
  }
})

/** A method that is reinforced by the likelihood of what it drew. */
const reinforced = (policy: Policy.StepPolicy<"scored">) =>
  Method.method({
    name: "Reinforced",
    summary: "is reinforced by the likelihood of its latents",
    backbone: Part.llama,
    parts: {},
    policy: () => policy,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective: [Objective.text(1)],
    reinforcement: {}
  })

// The policy of lesson 06 has no density. What is the last line that the compiler says of the next? Write it after the //!
//! Type '"unscored"' is not assignable to type '"scored"'
export const wrong = () => reinforced(Policy.hiddenState)
