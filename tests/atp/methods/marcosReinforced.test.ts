/** A bank of neurons under what goes with any method: a policy-gradient term, interchange. */
import { Method, Methods, Objective, Pipeline, Reinforce, Reward, Task } from "@noema/atp"
import { expect, test } from "vitest"
import { fresh, run, tiny } from "../pipeline/small.ts"

const { marcos } = Methods

const reinforced = Method.variant(marcos, {
  name: "MARCOS, reinforced",
  summary: "MARCOS whose prior is reinforced",
  objective: [Objective.text(1), Objective.spelling(1, "backbone"), Objective.interchange(1), Objective.prior(1)],
  reinforcement: { frozen: ["posterior", "sparse"], advantage: Reinforce.Advantage.groupRelative() }
})

test("the prior of MARCOS is reinforced by its density, and what it thinks is exchanged", async () => {
  const pipeline = Pipeline.pipeline({
    task: Task.arithmetic({ values: 5, steps: 2 }),
    method: reinforced,
    ...tiny
  }).pipe(
    Pipeline.supervise(),
    Pipeline.reinforce({ reward: Reward.random }),
    Pipeline.evaluate({ sets: ["id"], card: true })
  )
  const { evaluations } = await run(pipeline.into(fresh()))
  expect(evaluations[0]!.problems).toBe(6)
  // What is thought is in the bank, and a card changes latents alone.
  expect(evaluations[0]!.card).toBeNull()
})
