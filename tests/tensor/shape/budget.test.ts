/**
 * What the DSL may cost the type checker. Instantiations do not depend on the machine, so a change in them is a change
 * in the types. When a rule needs more, raise the budget knowingly.
 */
import { expect, it } from "vitest"
import { typeCheck } from "../../../bench/types/compiler.ts"
import { source, uses } from "../../../bench/types/uses.ts"

const instantiations = async (text: string): Promise<number> => {
  const { diagnostics, instantiations } = await typeCheck({ "uses.ts": text })
  expect(diagnostics).toEqual([])
  return instantiations
}

it("300 uses of the DSL stay within the budget of instantiations", async () => {
  const nothing = await instantiations(source(0))
  const count = 300
  const each = ((await instantiations(source(count))) - nothing) / count
  expect(Object.keys(uses).length).toBeGreaterThan(10)
  expect(each).toBeLessThan(600)
})
