/** 06 a latent: a hidden state in place of a step. Fill the holes. */
import { type Hole, hole } from "@noema/course"
import { Layout, Method, Objective, Part, Policy, Stop } from "@noema/atp"
import { type Shape, Tensor } from "@noema/tensor"

/** A row of the model's width at every state. */
type Row<B extends Shape> = Tensor.Tensor<[...B, "width"]>

/**
 * Coconut's policy: the next latent is the hidden state itself. Nothing is drawn, so it has no density, and no divergence from a
 * prior; its type says so.
 */
export const feedBack: Policy.StepPolicy<Hole> = {
  name: "hidden state",
  density: "unscored",
  sampling: "reparameterised",
  dist: <B extends Shape>(hidden: Row<B>) => {
    const mode: Row<B> = hole
    /** What noise makes of it: nothing. */
    const at = (_noise: Row<B>): Row<B> => hole
    return { mode, at, logProb: undefined, kl: null }
  }
}

/** How far a latent has moved from the one before it: the mean of squares of the difference, for every row of the batch. */
export const moved = (latent: Row<["batch"]>, before: Row<["batch"]>): Tensor.Tensor<["batch"]> => hole

/**
 * A method that thinks with it: LLaMA as a backbone, one latent for every step (`Layout.stages()`, which turns one step after the
 * other into a latent while it trains), always as many as there may be (`Stop.fixedCount`).
 */
const coconut = Method.method({
  name: "My Coconut",
  summary: "feeds its hidden states back",
  backbone: Part.llama,
  parts: {},
  policy: () => hole,
  stop: () => hole,
  layout: hole,
  objective: [Objective.text(1)]
})
export const method: Method.Method = coconut

/**
 * The same, trained so that the answer is read from the latents and from nothing else. Beside the text, at a weight of 6, there are
 * two terms: the answer of another question after that one's latents, 6 (`Objective.interchange`), and what each step comes to,
 * read out of its latent, 1 (`Objective.readOut`).
 */
export const grounded: Method.Method = Method.variant(coconut, {
  name: "My Coconut, grounded",
  summary: "answers by its hidden states",
  objective: hole
})
