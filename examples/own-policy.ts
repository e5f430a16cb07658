/**
 * A step policy of your own, with parameters of its own: the next latent is the hidden state moved by a learned map, with a
 * deviation that is learned for each coordinate. It has a density, so it can be reinforced.
 */
import { Layout, Method, Objective, Part, Pipeline, Policy, Reward, Stop, Task } from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"

const move = Part.part({
  specs: { shift: Program.spec(["width", "width"]), logDeviation: Program.spec(["width"]) },
  init: { shift: Part.Initial.zeros, logDeviation: Part.Initial.constant(-2) },
  use: ({ logDeviation, shift }): Policy.StepPolicy<"scored"> => ({
    name: "moved hidden state",
    density: "scored",
    sampling: "reparameterised",
    dist: (hidden) => {
      const mode = Tensor.add(hidden, Tensor.dense(hidden, shift))
      const deviation = Tensor.add(Tensor.zerosLike(mode), Tensor.exp(logDeviation))
      return {
        mode,
        at: (noise) => Tensor.add(mode, Tensor.mul(noise, deviation)),
        logProb: (action) => Policy.gaussianLogProb(action, mode, deviation),
        kl: null
      }
    }
  })
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Method.method({
    name: "Moved states",
    summary: "moves its hidden states by a learned map, with noise that is learned as well",
    backbone: Part.llama,
    parts: { move },
    policy: ({ move }) => move,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective: [Objective.text(1)],
    reinforcement: {}
  }),
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(
  Pipeline.supervise(),
  Pipeline.reinforce({ reward: Reward.correctness, rounds: 5, questions: 32, minibatch: 64 }),
  Pipeline.evaluate({ sets: ["id"] })
)
