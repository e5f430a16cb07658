/** Reference values computed independently in float64; they check formulas without any model. */
import { Graph as g, Policy, Surrogate } from "@noema/atp"
import { Program, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { onReference } from "./small.ts"

const reals = (values: ReadonlyArray<number>, shape: ReadonlyArray<number> = [values.length]) =>
  Tensor.fromArray([...values], shape) as unknown as g.Reals
const values = async (x: g.Reals): Promise<ReadonlyArray<number>> => {
  const host = (await onReference(Program.compute(x as never))) as { readonly data: Float32Array }
  return Array.from(host.data)
}
const near = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits = 5) => {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits))
}

const logits = [2, 1, 0, -1]
const table = [1, 0, 0, 1, -1, 0, 0, -1]

test("softmax, entropy and the log-probability of drawn symbols", async () => {
  const p = g.softmax(reals(logits))
  near(await values(p), [0.643914, 0.236883, 0.087144, 0.032059])
  near(await values(g.neg(g.sum(g.mul(p, g.log(p))))), [0.947537])
  const drawn = Tensor.fromArray(Int32Array.of(0, 0, 1), [3]) as unknown as g.Integers
  const each = g.pick(g.logSoftmax(reals([...logits, ...logits, ...logits], [3, 4])), drawn)
  near(await values(g.sum(each)), [-2.320569])
  near(await values(g.mean(g.rows(reals(table, [4, 2]), drawn), 0)), [0.666667, 0.333333])
})

test("a mixture of rows at a temperature, and the density of noise around it", async () => {
  const p = g.softmax(g.div(reals(logits), 0.5))
  const mixed = g.dot(p, reals(table, [4, 2]), [], [[0, 0]])
  near(await values(mixed), [0.849113, 0.114915])
  const density = g.sum(Policy.gaussianLogProb(reals([0.9, 0.2]), mixed, 0.33))
  near(await values(density), [0.33432])
})

test("the gradient of that density with respect to the logits", async () => {
  const { valueAndGradWith } = await import("@noema/autodiff")
  const { gradient } = (valueAndGradWith as any)((l: g.Reals) => {
    const mixed = g.dot(g.softmax(g.div(l, 0.5)), reals(table, [4, 2]), [], [[0, 0]])
    return [g.sum(Policy.gaussianLogProb(reals([0.9, 0.2]), mixed, 0.33)), {}]
  })(reals(logits))
  near(await values(gradient), [-0.033348, 0.069007, -0.030222, -0.005437])
})

test("the divergence from N(0, 1), mean over coordinates", async () => {
  near(await values(g.mean(Policy.gaussianDivergence(reals([0.5, -0.2]), reals([-0.4, 0.3])))), [0.102545])
})

test("dual clip: ratio 5 at advantage -1 costs 3, and without it 5", async () => {
  const cost = (dualClip?: number) =>
    Surrogate.clippedSurrogate(reals([5]), reals([-1]), { clip: 0.2, ...(dualClip === undefined ? {} : { dualClip }) })
  near(await values(cost(3)), [3])
  near(await values(cost()), [5])
})

test("the clipped surrogate is the pessimistic one of two, by the scalar formula", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      async (ratio, advantage) => {
        const expected = -Math.min(ratio * advantage, Math.min(Math.max(ratio, 0.8), 1.2) * advantage)
        near(await values(Surrogate.clippedSurrogate(reals([ratio]), reals([advantage]), { clip: 0.2 })), [expected], 4)
      }
    ),
    { numRuns: 30 }
  )
})

test("log-ratios are held within their limit; rows are averaged over their live entries only", async () => {
  near(await values(Surrogate.ratioOf(reals([0, 9]), reals([0, 0]), 3)), [1, Math.exp(3)], 3)
  const rows = Surrogate.rowMean(reals([1, 3, 100, 8, 100, 100], [2, 3]), reals([1, 1, 0, 0, 0, 0], [2, 3]))
  near(await values(rows), [1], 4)
})
