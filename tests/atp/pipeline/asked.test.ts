/** Evaluations that ask otherwise: the questions that were learnt from, all latents there may be, and attempts told apart. */
import { Pipeline, Reward } from "@noema/atp"
import { expect, test } from "vitest"
import { pipeline, run, tiny } from "./small.ts"

const { evaluate, supervise } = Pipeline

test("by name the questions that were learnt from are asked, as many as of other sets, and never unless named", async () => {
  const whole = pipeline.pipe(supervise(), evaluate({ sets: ["train", "id"] }), evaluate())
  const { evaluations } = await run(whole.run())
  const [id, train, ...others] = evaluations
  expect([id!.set, train!.set]).toEqual(["id", "train"])
  expect(train!.problems).toBe(tiny.evaluate)
  expect(others.map(({ set }) => set)).toEqual(["id", "hard", "simple", "distract", "long"])
  const asked = new Set(id!.rollouts.map(({ problem }) => problem.question))
  for (const { problem } of train!.rollouts) expect(asked).not.toContain(problem.question)
})

test("a model that never stops takes as many latents at every question, and its chances of stopping are as they were", async () => {
  const whole = pipeline.pipe(supervise(), evaluate({ sets: ["id"] }), evaluate({ sets: ["id"], stops: "never" }))
  const { evaluations } = await run(whole.run())
  const [free, forced] = evaluations.map(({ rollouts }) => rollouts)
  const counts = new Set(forced!.map(({ latents }) => latents.count))
  expect(counts.size).toBe(1)
  free!.forEach(({ latents, stopChances }, i) => {
    expect(latents.count).toBeLessThanOrEqual([...counts][0]!)
    // Of a longer thought there are more; the first are those of the shorter one.
    const first = forced![i]!.stopChances.slice(0, stopChances.length)
    for (const [t, chance] of first.entries()) expect(chance).toBeCloseTo(stopChances[t]!, 5)
  })
})

test("a reward that is whether an answer is right tells right attempts from wrong ones, and a constant does not", async () => {
  const constant = Reward.perAttempt("constant", [0, 1], () => 1)
  const whole = pipeline.pipe(
    supervise(),
    evaluate({ sets: ["id"], passes: true, tells: true, watch: [Reward.correctness, constant] })
  )
  const { passes } = await run(whole.run())
  const [{ rates, tells }] = passes as [(typeof passes)[number]]
  const mixed = rates.at(-1)!.mean > rates[0]!.mean
  expect(tells.map(({ mean, reward }) => [reward, mean])).toEqual(
    mixed
      ? [
          ["correctness", 1],
          ["constant", 0.5]
        ]
      : []
  )
})
