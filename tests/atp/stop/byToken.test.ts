import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Stop, Tokenizer } from "../inside.ts"
import { numbers } from "../small.ts"

const vocabulary = 12
const eot = Tokenizer.special("<eot>")

/** The rule's two log-chances where the language head says just what is given. */
const sidesOf = async (logits: ReadonlyArray<number>) => {
  const backbone: any = {
    table: Tensor.zeros([vocabulary, 4]),
    logits: () => Tensor.fromArray(Float32Array.from(logits), [1, vocabulary])
  }
  const state: any = Tensor.zeros([1, 4])
  return (await numbers(Stop.byToken(backbone).logits!<[1]>({ latent: state, hidden: state }))).data
}

test("it stops as likely as the language head ends the latents", async () => {
  const logit = fc.double({ min: -20, max: 20, noNaN: true })
  await fc.assert(
    fc.asyncProperty(fc.array(logit, { minLength: vocabulary, maxLength: vocabulary }), async (logits) => {
      const [going, stopping] = await sidesOf(logits)
      const weights = logits.map(Math.exp)
      const chance = weights[eot]! / weights.reduce((sum, each) => sum + each, 0)
      expect(Math.exp(stopping!)).toBeCloseTo(chance, 5)
      expect(Math.exp(going!)).toBeCloseTo(1 - chance, 5)
    }),
    { numRuns: 30 }
  )
})
