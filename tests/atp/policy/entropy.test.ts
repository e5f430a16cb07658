/** The entropy of policies that have a density. */
import { type Method, Methods, Policy, Rehearsal, Reinforce } from "../inside.ts"
import { Tensor } from "@noema/tensor"
import fc from "fast-check"
import { expect, test } from "vitest"
import { numbers, put, small } from "../small.ts"

const experiment = small()
const { width } = experiment.sizes

test("the entropy of a Gaussian is minus its log-density one deviation from the mean, whatever the mean", async () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(Math.fround)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(real(-3, 3), real(0.05, 4)), { minLength: 1, maxLength: 6 }), async (pairs) => {
      const tensor = (values: ReadonlyArray<number>) =>
        Tensor.ensureShape(Tensor.fromArray([...values], [values.length]), [values.length])
      const mean = tensor(pairs.map(([m]) => m))
      const deviation = tensor(pairs.map(([, d]) => d))
      const found = await numbers({
        entropy: Policy.gaussianEntropy(deviation),
        // Of -log p the distance counts squared, and its square is one deviation in the mean.
        surprise: Tensor.neg(Policy.gaussianLogProb(Tensor.add(mean, deviation), mean, deviation))
      })
      pairs.forEach(([, d], i) => {
        expect(found.entropy.data[i]).toBeCloseTo(Math.log(d) + 0.5 * Math.log(2 * Math.PI * Math.E), 5)
        expect(found.surprise.data[i]).toBeCloseTo(found.entropy.data[i]!, 4)
      })
    }),
    { numRuns: 20 }
  )
})

const reinforced = Object.entries<Method.Method>(Methods.methods).filter(([, method]) => method.reinforcement !== null)
const of = (sampling: Policy.Sampling) =>
  reinforced.filter(([, method]) => put(experiment, method).explore!.sampling === sampling)

test.each(of("discrete"))("%s: the entropy of a draw is minus the mean of its log-probabilities", async (_, method) => {
  const hidden: Tensor.Tensor<[2, "width"]> = Tensor.fromNode(
    Tensor.fromArray(
      Float32Array.from({ length: 2 * width }, (_, i) => Math.sin(i)),
      [2, width]
    ).node,
    [2, "width"]
  )
  const dist = put(experiment, method).explore!.dist<[2]>(hidden)
  if (!("draws" in dist)) throw new TypeError("expected symbols")
  const { each, chances } = await numbers({ each: dist.entropy!, chances: Tensor.softmax(dist.logits) })
  const { vocabulary } = experiment.sizes
  expect(each).toHaveLength(dist.draws)
  for (const { data } of each)
    data.forEach((value, row) => {
      const p = chances.data.slice(row * vocabulary, (row + 1) * vocabulary)
      expect(value).toBeCloseTo(
        p.reduce((sum, x) => (x === 0 ? sum : sum - x * Math.log(x)), 0),
        5
      )
    })
})

test.each(of("reparameterised"))("%s: what explores says the entropy of what it draws", async (_, method) => {
  const policy = put(experiment, method).explore!
  const hidden: Tensor.Tensor<[2, "width"]> = Tensor.fromNode(
    Tensor.fromArray(
      Float32Array.from({ length: 2 * width }, (_, i) => Math.sin(i)),
      [2, width]
    ).node,
    [2, "width"]
  )
  const dist = policy.dist<[2]>(hidden)
  // What is drawn over the vocabulary has no noise whose surprise is the entropy; `gumbel.test.ts` draws it.
  if (!("at" in dist)) return
  const { at, entropy, logProb } = dist
  if (logProb === undefined) return expect(entropy).toBeUndefined()
  const found = await numbers({
    entropy: entropy!,
    surprise: Tensor.neg(logProb(at(Tensor.onesLike(hidden))))
  })
  found.entropy.data.forEach((value, i) => expect(value).toBeCloseTo(found.surprise.data[i]!, 3))
})

test("where an entropy is to count that nobody knows, that is said", () => {
  const method = Methods.methods["atp-latent"]
  const own = method.reinforcement!
  const sizes = experiment.sizes
  const wants = (estimator: Reinforce.Estimator.Estimator, entropy: number) => ({
    ...own,
    term: Reinforce.term({ ...own.term, estimator, entropy })
  })
  expect(Rehearsal.unknownEntropy(method, wants(Reinforce.Estimator.scoreFunction, 0.1), sizes)).toBeNull()
  expect(Rehearsal.unknownEntropy(method, wants(Reinforce.Estimator.reparameterised, 0), sizes)).toBeNull()
  expect(Rehearsal.unknownEntropy(method, wants(Reinforce.Estimator.reparameterised, 0.1), sizes)).toMatch(
    /^the entropy that counts is that of stops and symbols alone: latents are no actions/
  )
  // The same method with a policy that keeps its entropy to itself.
  const silent = {
    ...method,
    put: (...given: Parameters<typeof method.put>) => {
      const model = method.put(...given)
      const explore = model.explore!
      const dist: typeof explore.dist = (hidden) => {
        const { entropy: _entropy, ...rest } = explore.dist(hidden)
        return rest
      }
      return { ...model, explore: { ...explore, name: "silent", dist } }
    }
  }
  expect(Rehearsal.unknownEntropy(silent as typeof method, wants(Reinforce.Estimator.scoreFunction, 0.1), sizes)).toBe(
    'the entropy that counts is that of stops and symbols alone: the policy "silent" does not say that of its latents'
  )
})
