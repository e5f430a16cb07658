/** Reference values computed independently in float64; they check formulas without any model. */
import { Graph as g, Mixture, PairLoss, Policy, Quantise, Ranking } from "@noema/atp"
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

const asIntegers = (values: ReadonlyArray<number>) =>
  Tensor.fromArray(Int32Array.from(values), [values.length]) as unknown as g.Integers
const gradientOf = async (loss: (x: g.Reals) => g.Reals, at: g.Reals): Promise<ReadonlyArray<number>> => {
  const { valueAndGradWith } = await import("@noema/autodiff")
  const differentiate = valueAndGradWith as unknown as (
    fn: (x: g.Reals) => readonly [g.Reals, object]
  ) => (x: g.Reals) => { readonly gradient: g.Reals }
  return values(differentiate((x) => [loss(x), {}])(at).gradient)
}

const logits = [2, 1, 0, -1]
const table = [1, 0, 0, 1, -1, 0, 0, -1]

test("softmax, entropy and the log-probability of drawn symbols", async () => {
  const p = g.softmax(reals(logits))
  near(await values(p), [0.643914, 0.236883, 0.087144, 0.032059])
  near(await values(Mixture.entropy(p)), [0.947537])
  const drawn = asIntegers([0, 0, 1])
  const each = g.pick(g.logSoftmax(reals([...logits, ...logits, ...logits], [3, 4])), drawn)
  near(await values(g.sum(each)), [-2.320569])
  near(await values(g.mean(g.rows(reals(table, [4, 2]), drawn), 0)), [0.666667, 0.333333])
})

test("Multiplex: the mean of the drawn rows, and rows weighted as likely as they are among those drawn", async () => {
  const p = g.softmax(reals(logits))
  const drawn = asIntegers([0, 0, 1])
  const rows = g.rows(reals(table, [4, 2]), drawn)
  const weights = Mixture.multiplexWeights(p, drawn, "probability")
  near(await values(weights), [0.422319, 0.422319, 0.155362])
  near(await values(Mixture.mixed(weights, rows)), [0.844638, 0.155362])
  near(await values(Mixture.mixed(Mixture.multiplexWeights(p, drawn, "uniform"), rows)), [0.666667, 0.333333])
})

test("Multiplex: over all triples the joint entropy is three times that of one draw, and so is the variance a third", async () => {
  const p = await values(g.softmax(reals(logits)))
  const triples = p.flatMap((a, i) => p.flatMap((b, j) => p.map((c, k) => ({ chance: a * b * c, ids: [i, j, k] }))))
  const joint = triples.reduce((sum, { chance }) => sum - chance * Math.log(chance), 0)
  expect(joint).toBeCloseTo(2.842611, 5)
  const variance = triples.reduce((sum, { chance, ids }) => {
    const counts = p.map((_, v) => ids.filter((id) => id === v).length / 3)
    return sum + chance * counts.reduce((inner, share, v) => inner + (share - p[v]!) ** 2, 0)
  }, 0)
  expect(variance).toBeCloseTo(0.173546, 5)
})

test("Soft Thinking: the distribution at a temperature, its entropy, and the row of its two likeliest symbols", async () => {
  const p = Mixture.softened(reals(logits), 0.6)
  near(await values(p), [0.812158, 0.153397, 0.028973, 0.005472])
  near(await values(Mixture.entropy(p)), [0.58766])
  near(await values(Mixture.mixed(Mixture.likeliest(p, 2), reals(table, [4, 2]))), [0.841131, 0.158869])
})

test("keeping one symbol is greedy, keeping all changes nothing, and what is kept always adds up to 1", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 2, maxLength: 6 }),
      fc.nat(5),
      async (scores, n) => {
        const p = Mixture.softened(reals(scores), 1)
        const count = 1 + (n % scores.length)
        const kept = await values(Mixture.likeliest(p, count))
        expect(kept.filter((share) => share > 0)).toHaveLength(count)
        expect(kept.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6)
        const greedy = await values(Mixture.likeliest(p, 1))
        near(
          greedy,
          scores.map((_, i) => Number(i === scores.indexOf(Math.max(...scores))))
        )
        near(await values(Mixture.likeliest(p, scores.length)), await values(p), 6)
      }
    ),
    { numRuns: 20 }
  )
})

test("Soft Tokens: a mixture of rows at a temperature, the scale of its noise, and the density of an action", async () => {
  const rows = reals(table, [4, 2])
  const mean = Mixture.mixed(Mixture.softened(reals(logits), 0.5), rows)
  near(await values(mean), [0.849113, 0.114915])
  near(await values(Mixture.scaleOf(rows)), [1])
  near(await values(g.sum(Policy.gaussianLogProb(reals([0.9, 0.2]), mean, 0.33))), [0.33432])
  // The kernel alone, without its normalisation.
  near(await values(g.mul(g.sum(g.square(g.sub(reals([0.9, 0.2]), mean))), -0.5 / 0.33 ** 2)), [-0.045129])
})

test("the gradient of that density with respect to the logits", async () => {
  const density = (l: g.Reals) =>
    g.sum(
      Policy.gaussianLogProb(reals([0.9, 0.2]), Mixture.mixed(Mixture.softened(l, 0.5), reals(table, [4, 2])), 0.33)
    )
  near(await gradientOf(density, reals(logits)), [-0.033348, 0.069007, -0.030222, -0.005437])
})

test("Latent-SFT: Gumbel noise held within bounds, and how many alternatives stay alive", async () => {
  const noise = reals([0.5, -2, 4, 0])
  const stirred = Mixture.stirred(reals(logits), noise, { low: -1.5, high: 3, temperature: 1 })
  near(await values(stirred), [0.366474, 0.018246, 0.604214, 0.011067])
  const { byCollision, byEntropy } = Mixture.alternatives(g.softmax(reals(logits)))
  near(await values(byEntropy), [2.579349])
  near(await values(byCollision), [2.086111])
})

test("LatentRM: the list loss by step and in the mean, and what trajectories are worth", async () => {
  const scores = reals([0.2, 0.1, 0.5, -0.3], [2, 2])
  const loss = Ranking.rankLoss(scores, reals([0.75, 0.5, 0.25, 1], [2, 2]))
  near(await values(loss), [0.779355, 1.169523])
  near(await values(g.mean(loss)), [0.974439])
  near(await values(Ranking.trajectoryScores(scores)), [0.3, 0.2])
})

test("the list loss moves the score of the better candidate up", async () => {
  const [up, down] = await gradientOf(
    (scores) => g.sum(Ranking.rankLoss(scores, reals([1, 0], [2, 1]))),
    reals([0.3, 0.3], [2, 1])
  )
  expect(up).toBeLessThan(0)
  expect(down).toBeGreaterThan(0)
})

test("cDPO: contrastive scores, and the loss of a pair", async () => {
  near(await values(PairLoss.contrast(reals([2, 1, 0]), reals([1, 2, 0]))), [0.909443, 0.045279, 0.045279])
  const winner = reals([0.2, 0.1, 0])
  const loser = reals([-0.3, 0.4, 0.1])
  near(await values(PairLoss.pairLoss(winner, loser, reals([0.9, 0.1, 0.5]))), [0.733947])
  // Without scores it is DPO: -log sigmoid of the difference.
  near(await values(PairLoss.pairLoss(winner, loser, reals([0, 0, 0]))), [Math.log(1 + Math.exp(-0.1))])
  near(await values(PairLoss.pairLoss(reals([-200]), reals([600]), reals([0]))), [800])
})

test("vector quantisation: distances, the nearest code, the loss, and gradients that pass straight through", async () => {
  const row = reals([0.4, 0.4], [1, 2])
  const codes = reals([0, 0, 1, 1, 0.5, 0.2], [3, 2])
  const { distances, index, loss, rows } = Quantise.quantise(row, codes)
  near(await values(distances), [0.32, 0.72, 0.05])
  near(await values(g.toReals(index)), [2])
  near(await values(loss), [0.0625])
  near(await values(rows), [0.5, 0.2])
  const weights = reals([3, -2], [1, 2])
  near(await gradientOf((x) => g.sum(g.mul(Quantise.quantise(x, codes).rows, weights)), row), [3, -2])
  // A code is drawn to its row, and only the one that was chosen.
  near(await gradientOf((table) => g.sum(Quantise.quantise(row, table).loss), codes), [0, 0, 0, 0, 0.2, -0.4])
})

test("the divergence from N(0, 1), mean over coordinates", async () => {
  near(await values(g.mean(Policy.gaussianDivergence(reals([0.5, -0.2]), reals([-0.4, 0.3])))), [0.102545])
})
