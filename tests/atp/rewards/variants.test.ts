/** Rewards as papers scale them. */
import { Reward, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Key } from "../inside.ts"

const attemptOf = (output: string, latents: number) => {
  const made = Reward.attempt({
    problem: { question: "1 + 1", steps: [], answer: "2" },
    language: Task.equations,
    output
  })
  return { ...made, latents: { ...made.latents, count: latents } }
}
const totalOf = (reward: Reward.Reward, output: string, latents = 0) =>
  Effect.runPromise(
    Effect.map(Reward.score(reward, [attemptOf(output, latents)], Key.fromSeed(1)), ([score]) => score!.total)
  )

test("graded: 100 for a right answer, 10 for a wrong one in the right form, and nothing else", async () => {
  const graded = Reward.recipe("graded")
  expect(await totalOf(graded, "### 2")).toBe(100)
  expect(await totalOf(graded, "### 3")).toBe(10)
  expect(await totalOf(graded, "3 and so on")).toBe(0)
})

test("per latent: a right answer is worth the more the fewer latents it took, a wrong one nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (latents) => {
      expect(await totalOf(Reward.perLatent, "### 2", latents)).toBeCloseTo(1 / Math.max(1, latents), 12)
      expect(await totalOf(Reward.perLatent, "### 3", latents)).toBe(0)
    }),
    { numRuns: 20 }
  )
})
