/** What a round of reinforcement takes from the device and what stays there. */
import { Correctness, Experiment, Held, Key, Methods, Reinforce, Reinforcement, TrainOptimiser } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { type Reads, watched } from "../reads.ts"
import { lively, small, smallConfig, smallKey } from "../small.ts"

test("latents go into updates without a trip to the host: rewards that do not ask for them cost none", async () => {
  const experiment = small()
  const method = Methods.methods["atp-latent"]
  const { group, minibatch, questions } = smallConfig.reinforcement
  const reads: Reads = []
  const reports = await Effect.gen(function* () {
    const held = yield* Held.hold(
      method,
      experiment.sizes,
      lively(experiment, method),
      TrainOptimiser.adamw({ learningRate: 1e-3, weightDecay: 0, clipNorm: 1, warmup: 1 }),
      { frozen: ["steps"] }
    )
    const rounds = Reinforcement.reinforcement(held, {
      wording: Experiment.wordingOf(experiment, method),
      reinforcement: {
        ...method.reinforcement!,
        term: Reinforce.term({
          advantage: Reinforce.Advantage.drGrpo,
          ratio: Reinforce.Ratio.token({ limit: 3 }),
          clip: Reinforce.Clip.symmetric(0.2)
        })
      },
      problems: experiment.subject.rl,
      reward: Correctness.correctness,
      rounds: 1,
      questions,
      group,
      minibatch,
      key: Key.derive(smallKey, "stored")
    })
    return yield* Stream.runCollect(rounds)
  }).pipe(Effect.scoped, Effect.provide(watched(Reference.layer, reads)), Effect.runPromise)
  expect(reports).toHaveLength(1)
  const attempts = questions * group
  const oneLatent = attempts * experiment.sizes.width
  // Symbols and counts come once, one number an attempt at a time.
  expect(reads[0]!.every((length) => length === attempts)).toBe(true)
  expect(reads.flat()).not.toContain(oneLatent)
  // Attempts and what was said of them, then a reading of old probabilities and one of figures for each minibatch at most.
  expect(reads.length).toBeLessThanOrEqual(2 + 2 * (attempts / minibatch))
})
