/** Reference values computed independently in float64; they check formulas without any model. */
import { Objective, Part, Policy } from "../inside.ts"
import { grad } from "@noema/autodiff"
import { Program, Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { onReference } from "../small.ts"

const reals = <const N extends string = "vocabulary">(values: ReadonlyArray<number>, name?: N): Tensor.Tensor<[N]> =>
  Tensor.fromNode(Tensor.fromArray([...values], [values.length]).node, [name ?? "vocabulary"])
const table2 = <const A extends string, const B extends string>(
  values: ReadonlyArray<number>,
  shape: readonly [number, number],
  names: readonly [A, B]
): Tensor.Tensor<[A, B]> => Tensor.fromNode(Tensor.fromArray([...values], shape).node, names)
const values = async (x: Tensor.AnyTensor): Promise<ReadonlyArray<number>> =>
  Array.from(((await onReference(Program.compute({ x }))).x as { readonly data: ArrayLike<number> }).data)
const near = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, digits = 5) => {
  expect(found.length).toBe(expected.length)
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits))
}

const asIntegers = (values: ReadonlyArray<number>): Tensor.Tensor<["drawn"], "i32"> =>
  Tensor.fromNode(Tensor.fromArray(Int32Array.from(values), [values.length]).node, ["drawn"])
const { Mixture } = Policy

const logits = [2, 1, 0, -1]
const table = [1, 0, 0, 1, -1, 0, 0, -1]

const rows = table2(table, [4, 2], ["vocabulary", "width"])
const p = Tensor.softmax(reals(logits))

test("entropy and the log-probability of drawn symbols", async () => {
  near(await values(p), [0.643914, 0.236883, 0.087144, 0.032059])
  near(await values(Mixture.entropy(p)), [0.947537])
  const drawn = asIntegers([0, 0, 1])
  const each = Tensor.labelLogProbs(table2([...logits, ...logits, ...logits], [3, 4], ["drawn", "vocabulary"]), drawn)
  near(await values(Tensor.sum(each)), [-2.320569])
  near(await values(Tensor.mean(Tensor.take(rows, drawn), 0)), [0.666667, 0.333333])
})

test("Multiplex: the mean of the drawn rows, and rows weighted as likely as they are among those drawn", async () => {
  const drawn = asIntegers([0, 0, 1])
  const chances = [0, 0, 1].map((symbol) => Tensor.at(p, 0, symbol))
  const weighed = (weighting: "probability" | "uniform"): Tensor.Tensor<["drawn"]> =>
    Tensor.stack(Policy.multiplexWeights(chances, weighting), 0, "drawn")
  const weights = weighed("probability")
  near(await values(weights), [0.422319, 0.422319, 0.155362])
  near(await values(Mixture.mixed(weights, Tensor.take(rows, drawn))), [0.844638, 0.155362])
  // Read literally the paper divides by what is among the drawn symbols once, and a symbol that is drawn twice makes it more than 1.
  const once = Tensor.add(Tensor.at(p, 0, 0), Tensor.at(p, 0, 1))
  near(await values(Tensor.div(Tensor.sum(Tensor.stack(chances, 0, "drawn")), once)), [1.731059])
  near(await values(Tensor.sum(weights)), [1])
  const uniform = weighed("uniform")
  near(await values(Mixture.mixed(uniform, Tensor.take(rows, drawn))), [0.666667, 0.333333])
})

test("Multiplex: over all triples the joint entropy is three times that of one draw, and so is the variance a third", async () => {
  const chances = await values(p)
  const triples = chances.flatMap((a, i) =>
    chances.flatMap((b, j) => chances.map((c, k) => ({ chance: a * b * c, ids: [i, j, k] })))
  )
  const joint = triples.reduce((sum, { chance }) => sum - chance * Math.log(chance), 0)
  expect(joint).toBeCloseTo(2.842611, 5)
  const variance = triples.reduce((sum, { chance, ids }) => {
    const counts = chances.map((_, v) => ids.filter((id) => id === v).length / 3)
    return sum + chance * counts.reduce((inner, share, v) => inner + (share - chances[v]!) ** 2, 0)
  }, 0)
  expect(variance).toBeCloseTo(0.173546, 5)
})

test("Soft Thinking: the distribution at a temperature, its entropy, and the row of its two likeliest symbols", async () => {
  const soft = Mixture.softened(reals(logits), 0.6)
  near(await values(soft), [0.812158, 0.153397, 0.028973, 0.005472])
  near(await values(Mixture.entropy(soft)), [0.58766])
  near(await values(Mixture.mixed(Mixture.likeliest(soft, 2), rows)), [0.841131, 0.158869])
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
        near(
          await values(Mixture.likeliest(p, 1)),
          scores.map((_, i) => Number(i === scores.indexOf(Math.max(...scores))))
        )
        near(await values(Mixture.likeliest(p, scores.length)), await values(p), 6)
      }
    ),
    { numRuns: 20 }
  )
})

test("Soft Tokens: a mixture of rows at a temperature, the scale of its noise, and the density of an action", async () => {
  const mean = Mixture.mixed(Mixture.softened(reals(logits), 0.5), rows)
  near(await values(mean), [0.849113, 0.114915])
  // Rows of length 1 in two coordinates.
  near(await values(Tensor.mul(Mixture.scaleOf(rows), Math.SQRT2)), [1])
  const action = reals([0.9, 0.2], "width")
  const density = Policy.gaussianLogProb(action, mean, Tensor.fullLike(mean, 0.33))
  near(await values(Tensor.sum(density)), [0.33432])
  // The kernel alone, without its normalisation.
  near(await values(Tensor.mul(Tensor.sum(Tensor.square(Tensor.sub(action, mean))), -0.5 / 0.33 ** 2)), [-0.045129])
})

test("the gradient of that density with respect to the logits", async () => {
  const density = (l: Tensor.Tensor<["vocabulary"]>) => {
    const mean = Mixture.mixed(Mixture.softened(l, 0.5), rows)
    return Tensor.sum(Policy.gaussianLogProb(reals([0.9, 0.2], "width"), mean, Tensor.fullLike(mean, 0.33)))
  }
  near(await values(grad(density)(reals(logits))), [-0.033348, 0.069007, -0.030222, -0.005437])
})

test("Latent-SFT: Gumbel noise held within bounds, and how many alternatives stay alive", async () => {
  const noise = reals([0.5, -2, 4, 0])
  const stirred = Mixture.stirred(reals(logits), noise, { low: -1.5, high: 3, temperature: 1 })
  near(await values(stirred), [0.366474, 0.018246, 0.604214, 0.011067])
  const { byCollision, byEntropy } = Mixture.alternatives(p)
  near(await values(byEntropy), [2.579349])
  near(await values(byCollision), [2.086111])
})

const ranked = (scores: ReadonlyArray<number>) => table2(scores, [2, scores.length / 2], ["candidates", "steps"])

test("LatentRM: the list loss by step and in the mean, and what attempts are worth", async () => {
  const scores = ranked([0.2, 0.1, 0.5, -0.3])
  const loss = Objective.rankLoss(scores, ranked([0.75, 0.5, 0.25, 1]))
  near(await values(loss), [0.779355, 1.169523])
  near(await values(Tensor.mean(loss)), [0.974439])
  near(await values(Objective.attemptScores(scores)), [0.3, 0.2])
})

test("the list loss moves the score of the better candidate up", async () => {
  const loss = (scores: Tensor.Tensor<["candidates", "steps"]>) =>
    Tensor.sum(Objective.rankLoss(scores, ranked([1, 0])))
  const [up, down] = await values(grad(loss)(ranked([0.3, 0.3])))
  expect(up).toBeLessThan(0)
  expect(down).toBeGreaterThan(0)
})

test("cDPO: contrastive scores, and the loss of a pair", async () => {
  near(await values(Objective.contrast(reals([2, 1, 0]), reals([1, 2, 0]))), [0.909443, 0.045279, 0.045279])
  const winner = reals([0.2, 0.1, 0])
  const loser = reals([-0.3, 0.4, 0.1])
  near(await values(Objective.pairLoss(winner, loser, reals([0.9, 0.1, 0.5]))), [0.733947])
  // Without scores it is DPO: -log sigmoid of the difference.
  near(await values(Objective.pairLoss(winner, loser, reals([0, 0, 0]))), [Math.log(1 + Math.exp(-0.1))])
  near(await values(Objective.pairLoss(reals([-200]), reals([600]), reals([0]))), [800])
})

test("cDPO without blame by symbol is DPO, loss and gradient, however symbols are told apart", async () => {
  const ratios = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 4, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(ratios, ratios, fc.constantFrom(0.1, 1), async (up, down, gamma) => {
      const [winner, loser] = [up, down].map((all) => reals(all.map((each) => each / 10)))
      // -log sigmoid of the difference of whole attempts, which knows nothing of their symbols.
      const dpo = (one: typeof loser) =>
        Tensor.softplus(Tensor.mul(Tensor.sub(Tensor.sum(one), Tensor.sum(winner!)), gamma))
      const blamed = (one: typeof loser) => Objective.pairLoss(winner!, one!, reals([0, 0, 0, 0]), gamma)
      near(await values(blamed(loser)), await values(dpo(loser)))
      near(await values(grad(blamed)(loser!)), await values(grad(dpo)(loser!)))
      // Where nothing of the wrong attempt was to blame nothing is learnt from it.
      const innocent = (one: typeof loser) => Objective.pairLoss(winner!, one!, reals([1, 1, 1, 1]), gamma)
      near(await values(grad(innocent)(loser!)), [0, 0, 0, 0])
    }),
    { numRuns: 8 }
  )
})

test("vector quantisation: distances, the nearest code, the loss, and gradients that pass straight through", async () => {
  const row = table2([0.4, 0.4], [1, 2], ["rows", "width"])
  const codes = table2([0, 0, 1, 1, 0.5, 0.2], [3, 2], ["codes", "width"])
  const { distances, index, loss, rows } = Part.quantise(row, codes)
  near(await values(distances), [0.32, 0.72, 0.05])
  near(await values(index), [2])
  near(await values(loss), [0.0625])
  near(await values(rows), [0.5, 0.2])
  const weights = table2([3, -2], [1, 2], ["rows", "width"])
  const through = (x: typeof row) => Tensor.sum(Tensor.mul(Part.quantise(x, codes).rows, weights))
  near(await values(grad(through)(row)), [3, -2])
  // A code is drawn to its row, and only the one that was chosen.
  const drawn = (table: typeof codes) => Tensor.sum(Part.quantise(row, table).loss)
  near(await values(grad(drawn)(codes)), [0, 0, 0, 0, 0.2, -0.4])
})

test("the divergence from N(0, 1), mean over coordinates", async () => {
  near(await values(Tensor.mean(Policy.gaussianKl(reals([0.5, -0.2]), reals([-0.4, 0.3])))), [0.102545])
  near(await values(Policy.gaussianKl(reals([0, 0]), reals([0, 0]))), [0, 0])
})
