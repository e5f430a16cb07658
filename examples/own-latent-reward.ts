/** A reward that looks at latents and at the chances of stopping: small latents, and stops that are meant. */
import { Methods, Pipeline, Reward, Task } from "@noema/atp"
import * as Effect from "effect/Effect"

const small = Reward.perAttemptEffect(
  "small latents",
  [0, 1],
  ({ latents }) =>
    Effect.map(latents.values(), ({ data }) => {
      const meanSquare = data.reduce((sum, x) => sum + x * x, 0) / Math.max(1, data.length)
      return 1 / (1 + meanSquare)
    }),
  { concurrency: 1 }
)

// Chances near 0 and 1 are decisions; one half is none.
const decided = Reward.perAttempt("decided", [0, 1], ({ stopChances }) => {
  const sure = stopChances.map((chance) => Math.abs(2 * chance - 1))
  return sure.reduce((sum, x) => sum + x, 0) / Math.max(1, sure.length)
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Methods.atpLatent,
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(
  Pipeline.supervise(),
  Pipeline.reinforce({
    reward: Reward.weighted([
      [1, Reward.correctness],
      [0.1, decided],
      [0.1, small]
    ]),
    rounds: 5,
    questions: 32,
    minibatch: 64
  }),
  Pipeline.evaluate({ sets: ["id"] })
)
