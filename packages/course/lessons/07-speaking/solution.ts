/** 07 speaking: what latents are spelt as, and whether that is a chain. */
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
    const generator = yield* Model.answering(model, { questions: 50, keepLatents: true, texts: "greedy" })
    return yield* generator.run(questions, Key.fromSeed(0))
  }).pipe(Effect.scoped)

const share = (hits: ReadonlyArray<boolean>): number => hits.filter(Boolean).length / Math.max(1, hits.length)

/** Of all spelt steps, the share that is true, as `2 + 4 = 1` is modulo 5: `language.holds(step, problem)`. */
export const trueSteps = (attempts: Attempts): number => {
  const held: ReadonlyArray<boolean> = attempts.flatMap(({ language, problem, steps }) =>
    steps.map((step) => language.holds(step, problem))
  )
  return share(held)
}

/**
 * Of all spelt steps, the share that some chain from the question to its answer has: `language.goldSteps(problem)` are all of
 * them, as `language.normalise(step)` writes a step.
 */
export const goldSteps = (attempts: Attempts): number => {
  const gold: ReadonlyArray<boolean> = attempts.flatMap(({ language, problem, steps }) => {
    const all = language.goldSteps(problem)
    return steps.map((step) => all.has(language.normalise(step)))
  })
  return share(gold)
}

/** Of all attempts, the share whose spelt steps, one after the other, lead to the answer: `language.solves(problem, steps)`. */
export const wholeChains = (attempts: Attempts): number => {
  const whole: ReadonlyArray<boolean> = attempts.map(({ language, problem, steps }) => language.solves(problem, steps))
  return share(whole)
}
