/** Noise over the vocabulary on its whole way: kept on the device, gathered from several draws, and learnt from. */
import { Method, Methods, Pipeline, Policy, Reward, Task } from "@noema/atp"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, run, tiny } from "../pipeline/small.ts"

test("noise over the vocabulary that was drawn in several draws of a round is thought anew, and learnt through", async () => {
  const pipeline = Pipeline.pipeline({
    task: Task.arithmetic({ values: 5, steps: 2 }),
    method: Methods.lepo,
    ...tiny
  })
    .pipe(Pipeline.supervise())
    .pipe(
      Pipeline.reinforce({
        reward: Reward.random,
        rounds: 1,
        estimator: "reparameterised",
        filter: { replaced: 3 }
      })
    )
  const folder = fresh()
  await run(pipeline.into(folder))
  const rounds = readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"lepo-rl"') && line.includes('"figures"'))
    .map((line) => JSON.parse(line).figures)
  expect(rounds).toHaveLength(1)
  const figures: Readonly<Record<string, number>> = rounds[0]!
  for (const [name, value] of Object.entries(figures)) expect(Number.isFinite(value), name).toBe(true)
  // More was asked than there are places, and something was learnt.
  expect(figures["asked"]).toBeGreaterThan(tiny.reinforcement.questions)
  expect(figures["norm"]).toBeGreaterThan(0)
}, 60_000)

test("a policy that does not say over what its noise is, is refused before anything is trained", async () => {
  const silent = Method.variant(Methods.lepo, {
    name: "silent",
    summary: "",
    policy: ({ backbone }) => {
      const { over: _, ...rest } = Policy.gumbel(backbone, { score: "label" })
      return rest
    }
  })
  const pipeline = Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method: silent, ...tiny })
  await expect(run(pipeline.pipe(Pipeline.supervise()).run())).rejects.toThrow(
    'silent: the policy "Gumbel mixture, scored as a label" draws scores of symbols; expected its noise to be over "vocabulary", found nothing said'
  )
})
