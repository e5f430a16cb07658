/** Marks as latents: the row of the one that is likeliest to be written next. */
import { Last } from "@noema/tensor"
import type { Marks } from "../part/marks.ts"
import type { StepPolicy } from "./policy.ts"

/**
 * The row of the likeliest mark, of equals the first, as in CoLT (arXiv 2602.04246). No chance and no density.
 *
 * @example
 * Policy.likeliestMark(marks).dist(hidden).mode // => [[10, 0]]
 */
export const likeliestMark = ({ embed, logits }: Pick<Marks, "embed" | "logits">): StepPolicy<"unscored"> => ({
  name: "likeliest mark",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => {
    const mode = embed(Last.argmax(logits(hidden)))
    return { mode, at: () => mode, logProb: undefined, kl: null }
  }
})
