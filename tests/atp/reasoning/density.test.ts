import { Advantage, type Method, Policy } from "@noema/atp"
import { expect, expectTypeOf, test } from "vitest"

const term = (policy: Policy.StepPolicy<"scored">): Method.PolicyTerm => ({
  policy,
  advantage: Advantage.groupRelative(),
  clip: 0.2,
  logRatioLimit: 3,
  reduce: "sum"
})

test("scored policies stand under a policy-gradient term; unscored ones do not compile", () => {
  expect(term(Policy.gaussianHead()).policy.density).toBe("scored")
  expect(term(Policy.noisyHiddenState(0.1)).policy.density).toBe("scored")
  // @ts-expect-error  a hidden state has no density
  expect(term(Policy.hiddenState).policy.density).toBe("unscored")
  // @ts-expect-error  noise added to a policy leaves no density that could be scored
  expect(term(Policy.explored(Policy.gaussianHead(), 0.1)).policy.density).toBe("unscored")
  expectTypeOf<Policy.StepDist<"unscored">["logProb"]>().toEqualTypeOf<undefined>()
})
