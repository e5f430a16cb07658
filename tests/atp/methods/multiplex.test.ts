/** Multiplex Thinking, and how many symbols it may draw. */
import { Method, Methods, Pipeline, Policy } from "@noema/atp"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fresh, pipeline, run } from "../pipeline/small.ts"

const drawing = (draws: number) =>
  Method.variant(Methods.multiplex, {
    name: `${draws} at once`,
    summary: "draws as many symbols",
    policy: ({ backbone }) => Policy.multiplex(backbone, { draws })
  })

test("more or fewer symbols than there can be are refused in a sentence, before a file is written", async () => {
  for (const draws of [0, 1.5, 65]) {
    const folder = join(fresh(), "run")
    await expect(
      run(pipeline.pipe(Pipeline.withMethod(drawing(draws)), Pipeline.supervise()).into(folder))
    ).rejects.toThrow(
      `${draws} at once: a policy that draws symbols draws a whole number of them from 1 to 64, found ${draws}`
    )
    expect(existsSync(folder)).toBe(false)
  }
})
