/** The reward model of a run, by name: what has been trained takes its place. */
import type { Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { QuestionTooLong } from "../layout/pack.ts"
import { mostScore } from "../part/scoreHead.ts"
import type { UnknownSymbol } from "../text/tokenizer.ts"
import type { Reward } from "./reward.ts"

/**
 * What the reward model of a run thinks of latents (LatentRM, arXiv 2510.07745): the mean of what each group is worth, of
 * equally many groups the order of their sum. Nothing but questions and latents is looked at. A pipeline puts the model in its
 * place that `rank` has trained before; elsewhere it fails.
 *
 * @example
 * Reward.learned.range // => [-10, 10]
 * const search = Search.bestOf(8, Reward.learned)
 * Search.described(search) // => "best-of-8 by reward model"
 */
export const learned: Reward<Program.ProgramError | QuestionTooLong | UnknownSymbol> = {
  name: "reward model",
  kind: "shaping",
  range: [-mostScore, mostScore],
  score: () => Effect.die(new TypeError("expected the reward model of a pipeline with a stage of rank, found none"))
}
