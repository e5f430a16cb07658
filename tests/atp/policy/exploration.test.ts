/** How far methods explore, as far as they can. */
import { Methods, Rehearsal } from "../inside.ts"
import { expect, test } from "vitest"
import { small } from "../small.ts"

const { sizes, subject } = small()

test("an exploration that a method cannot have is one sentence", () => {
  const refusal = (name: Methods.MethodName, exploration: number) => {
    const of = Methods.methods[name]
    return Rehearsal.refusalOfRounds(of, { ...of.reinforcement!, exploration }, sizes, subject.train)
  }
  expect(refusal("dropout-grpo", 1)).toBe(
    "reinforcement.exploration: expected a rate of dropout between 0 and 1, found 1"
  )
  expect(refusal("soft-tokens", 0)).toBe(
    "reinforcement.exploration: mixtures with noise need a deviation above 0, found 0"
  )
  expect(refusal("multiplex", 0)).toBe(
    "reinforcement.exploration: a policy that draws symbols needs a temperature above 0, found 0"
  )
  expect(refusal("colar", 0)).toBe("reinforcement.exploration: a Gaussian policy needs a temperature above 0, found 0")
  expect(refusal("dropout-grpo", 0.1)).toBeNull()
})
