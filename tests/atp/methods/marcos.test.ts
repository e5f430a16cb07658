/** MARCOS: what its stages and its answers are made of. */
import { Methods, Pipeline, Task } from "@noema/atp"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, run, tiny } from "../pipeline/small.ts"

test("everything but the prior learns first, then the prior, and chains of any length take three transitions", async () => {
  const folder = fresh()
  const pipeline = Pipeline.pipeline({
    task: Task.arithmetic({ values: 5, steps: 4 }),
    method: Methods.marcos,
    ...tiny,
    supervised: { ...tiny.supervised, final: 1 }
  }).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
  const { evaluations } = await run(pipeline.into(folder))
  const updates = readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ figures, stage }) => stage === "marcos" && figures !== undefined)
  expect(updates.map(({ phase }) => phase)).toEqual(["steps", "steps", "steps", "prior", "prior"])
  expect(Object.keys(updates[0].figures)).toEqual(
    expect.arrayContaining(["text", "steps", "steps at once", "sparsity", "prior"])
  )
  for (const { latents, steps } of evaluations[0]!.rollouts) expect([latents.count, steps.length]).toEqual([3, 3])
})
