import { expect, expectTypeOf, test } from "vitest"
import { Policy } from "@noema/atp"
import { typeCheck } from "../../../bench/types/compiler.ts"

const source = `
import { type Method, Methods, Policy, Reinforce } from "@noema/atp"

const { term } = Reinforce
export const scored: ReadonlyArray<Method.PolicyTerm> = [
  term({ policy: Policy.gaussianHead() }),
  term({ policy: Policy.noisyHiddenState(0.1), advantage: Reinforce.Advantage.leaveOneOut }),
  term({ policy: Policy.softTokens({ temperature: 0.5, noise: 0.33 }), reduce: { tokens: Reinforce.Tokens.sum } })
]
term({ policy: Policy.hiddenState }) // wrong
term({ policy: Policy.softThinking({ temperature: 0.5 }) }) // wrong
term({ policy: Policy.explored(Policy.gaussianHead(), 0.1) }) // wrong
export const method: Method.Method = {
  ...Methods.methods["atp-latent"],
  reinforcement: { ...Methods.methods["atp-latent"].reinforcement!, policy: Policy.hiddenState } // wrong
}
`

test("scored policies stand under a policy-gradient term; unscored ones do not compile, and the message says so", async () => {
  const { diagnostics } = await typeCheck({ "density.wrong.ts": source })
  const wrong = source.split("\n").flatMap((line, i) => (line.endsWith("// wrong") ? [i + 1] : []))
  expect(diagnostics.map(({ line }) => line)).toEqual(wrong)
  for (const { text } of diagnostics) expect(text).toContain(`Type '"unscored"' is not assignable to type '"scored"'`)
}, 60_000)

test("an unscored distribution has no log-density to call", () => {
  expectTypeOf<Policy.StepDist<"unscored">["logProb"]>().toEqualTypeOf<undefined>()
})
