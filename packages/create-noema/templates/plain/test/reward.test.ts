import { Key, Reward, Task } from "@noema/atp"
import * as Effect from "effect/Effect"
import assert from "node:assert/strict"
import { test } from "node:test"
import { brevity, reward } from "../reward.ts"

const problem = { question: "1 + 2", steps: ["1 + 2 = 3"], answer: "3" }
const attempt = (steps: ReadonlyArray<string>, answer: string) =>
  Reward.attempt({ problem, language: Task.plainText, steps, output: `### ${answer}` })
const attempts = [attempt(["1 + 2 = 3"], "3"), attempt(["2 + 1 = 3", "1 + 2 = 3"], "3"), attempt(["1 + 2 = 4"], "4")]

test("the reward keeps the laws of all rewards: its range, the same scores for the same key, in any order", async () => {
  await Effect.runPromise(Reward.checkLaws(reward, attempts, Key.fromSeed(1)))
})

test("a shorter chain is worth more, but only where the answer is right", async () => {
  const [short, long, wrong] = await Effect.runPromise(reward.score(attempts, Key.fromSeed(1)))
  assert.ok(short!.total > long!.total)
  assert.equal(wrong!.total, 0)
})

test("brevity alone could be had by thinking nothing: that is why it is gated", async () => {
  const [none] = await Effect.runPromise(brevity.score([attempt([], "4")], Key.fromSeed(1)))
  assert.equal(none!.total, 1)
})
