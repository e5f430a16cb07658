import { Advantage, Methods, Pipeline } from "@noema/atp"
import { expect, test } from "vitest"
import { small, smallConfig } from "../reasoning/small.ts"

const rewards = [1, 0, 0, 1, 0.5]
const termOf = (method: Methods.AnyMethod, options: Partial<typeof smallConfig.reinforcement>) =>
  Pipeline.exploringTerm(
    small({ ...smallConfig, reinforcement: { ...smallConfig.reinforcement, ...options } } as typeof smallConfig),
    method
  )

test.each(Object.entries(Methods.methods))("attempts of %s are compared as the config says", (_, method) => {
  const expected = { "group-relative": Advantage.groupRelative(), "leave-one-out": Advantage.leaveOneOut }
  for (const advantage of ["group-relative", "leave-one-out"] as const) {
    const term = termOf(method, { advantage })
    if ((method as Methods.AnyMethod).reinforcement === null) expect(term).toBeNull()
    else expect(term!.advantage(rewards)).toEqual(expected[advantage](rewards))
  }
})
