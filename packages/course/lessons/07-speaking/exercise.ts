/** 07 speaking: what latents are spelt as, and whether that is a chain. Fill the holes. */
import { hole } from "@noema/course"
import { Key, Model, type Reward, type Task } from "@noema/atp"
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"

type Attempts = ReadonlyArray<Reward.Attempt>

/** A model's attempts at questions, everything at its likeliest, with what its speaker makes of each latent. */
export const spell = (
  model: Model.Trained,
  questions: ReadonlyArray<Task.Problem>
): Effect.Effect<Attempts, { readonly message: string }, Device.Device> =>
  Effect.gen(function* () {
    const generator = yield* Model.answering(model, { questions: 50, keepLatents: true, texts: hole })
    return yield* generator.run(questions, Key.fromSeed(0))
  }).pipe(Effect.scoped)

const share = (hits: ReadonlyArray<boolean>): number => hits.filter(Boolean).length / Math.max(1, hits.length)

/** Of all spelt steps, the share that is true, as `2 + 4 = 1` is modulo 5: `language.holds(step, problem)`. */
export const trueSteps = (attempts: Attempts): number => {
  const held: ReadonlyArray<boolean> = hole
  return share(held)
}

/**
 * Of all spelt steps, the share that some chain from the question to its answer has: `language.goldSteps(problem)` are all of
 * them, as `language.normalise(step)` writes a step.
 */
export const goldSteps = (attempts: Attempts): number => {
  const gold: ReadonlyArray<boolean> = hole
  return share(gold)
}

/** Of all attempts, the share whose spelt steps, one after the other, lead to the answer: `language.solves(problem, steps)`. */
export const wholeChains = (attempts: Attempts): number => {
  const whole: ReadonlyArray<boolean> = hole
  return share(whole)
}
