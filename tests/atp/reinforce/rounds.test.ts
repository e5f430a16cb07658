/** Rounds of reinforcement as they have always gone, with the settings of the released forms. */
import { Controls, Experiment, Key, Methods, Policy, Reinforce, Reinforcement, TrainState } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { lively, onReference, small } from "../reasoning/small.ts"
import rounds from "./rounds.json" with { type: "json" }

const experiment = small()
const { groupRelative, leaveOneOut } = Reinforce.Advantage
const terms = {
  "atp-latent": Reinforce.term({ policy: Policy.gaussianHead(0.3), advantage: groupRelative() }),
  grpo: Reinforce.term({ policy: Policy.noisyHiddenState(0.1), advantage: groupRelative() }),
  "soft-tokens": Reinforce.term({
    policy: Policy.softTokens({ temperature: 0.5, noise: 0.33 }),
    advantage: leaveOneOut
  })
}

test.each(["atp-latent", "grpo", "soft-tokens"] as const)("%s makes the updates it always made", async (name) => {
  const method = Methods.methods[name]
  const figures = await onReference(
    Effect.gen(function* () {
      const optimiser = { learningRate: 1e-2, weightDecay: 0, clipNorm: 1, warmup: 1 }
      const held = yield* TrainState.holdModel(lively(experiment, method), optimiser, ["decoder"])
      return yield* Reinforcement.reinforcement(held, {
        trained: Experiment.trainedBy(experiment, method),
        term: terms[name],
        problems: experiment.subject.rl,
        reward: Controls.randomReward,
        rounds: 3,
        questions: 4,
        group: 4,
        minibatch: 8,
        key: Key.fromSeed(5)
      }).pipe(
        Stream.map((event) => ("figures" in event ? event.figures : {})),
        Stream.runCollect
      )
    })
  )
  expect(figures).toHaveLength(rounds[name].length)
  for (const [round, expected] of rounds[name].entries())
    for (const [figure, value] of Object.entries(expected))
      expect(figures[round]![figure], `${figure} of round ${round + 1}`).toBeCloseTo(value, 6)
})
