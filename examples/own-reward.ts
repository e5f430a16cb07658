/**
 * A reward of your own: short chains, but only where the answer is right. `npm run example -- own-reward` trains a small
 * ATP-Latent with it for a minute, which shows how the parts fit and is too short to learn much.
 */
import { Methods, Pipeline, Reward, Task } from "@noema/atp"

// A reward scores an attempt in total (and by step, if it can) and states its range.
const brevity = Reward.perAttempt("brevity", [0, 1], ({ steps }) => 1 / (1 + steps.length))

// Rewards compose: here correctness counts, and being brief counts a little where the answer is right.
const reward = Reward.weighted([
  [1, Reward.correctness],
  [0.2, Reward.gate(brevity, Reward.correctness)]
])

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Methods.atpLatent,
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(
  Pipeline.supervise(),
  Pipeline.reinforce({ reward, watch: [Reward.coherence("strict")], rounds: 5, questions: 32, minibatch: 64 }),
  Pipeline.evaluate({ sets: ["id"] })
)
