/** What attempts come to as pairs, what is to blame in a wrong one, and where there is nothing to learn from. */
import { Methods } from "@noema/atp"
import { Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Experiment, Held, Key, Pairs, Rollout } from "../inside.ts"
import { run } from "../pipeline/small.ts"
import { farthest, integers, lively, numbers, put, small } from "../small.ts"

const problem = { question: "1 + 2", steps: [], answer: "3" }
const told = (answer: string | null, tail: ReadonlyArray<number>) => ({
  problem,
  answer,
  tail,
  count: 0,
  latents: new Float32Array(0)
})

test("every different wrong chain has a right one of its question, and models learn from one right and the commonest wrong", () => {
  const right = [told("3", [1]), told("3", [1]), told("3", [2])]
  const wrong = [told("4", [3]), told("4", [4]), told("5", [5]), told(null, [5]), told("4", [4])]
  const { pairs, ...sides } = Pairs.sidesOf([
    { right, wrong },
    { right: [], wrong: [told("9", [9])] },
    { right: [told("3", [7])], wrong: [] }
  ])
  expect(pairs.map(({ right, wrong }) => [right.tail, wrong.tail])).toEqual([
    [[1], [3]],
    [[2], [4]],
    [[1], [5]]
  ])
  expect(sides.right.map(({ tail }) => tail)).toEqual([[1], [7]])
  // Three of five say 4, which is half of them already.
  expect(sides.wrong.map(({ tail }) => tail)).toEqual([[3], [4], [4], [9]])
})

const row = <const S extends ReadonlyArray<number>>(data: ReadonlyArray<number>, sizes: S) =>
  Tensor.fromArray([...data], sizes)

test("what two models agree on is judged by its probability, what the one of wrong attempts likes better is critical", async () => {
  const vocabulary = 5
  const logits = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: vocabulary, maxLength: vocabulary })
  await fc.assert(
    fc.asyncProperty(logits, logits, fc.nat(vocabulary - 1), async (up, down, symbol) => {
      const done = (of: ReadonlyArray<number>): Pairs.Done => {
        const predicted: any = Tensor.logSoftmax(row(of, [1, 1, vocabulary]))
        const symbols: any = Tensor.full([1, 1], symbol, "i32")
        const live: any = Tensor.ones([1, 1])
        return { predicted, symbols, live, logProb: Tensor.labelLogProbs<any>(predicted, symbols) as any }
      }
      const { same, score } = await numbers({
        score: Pairs.scoresOf(done(up), done(down), 1),
        same: Pairs.scoresOf(done(up), done(up), 1)
      })
      const weights = up.map((each, i) => Math.exp(2 * each - down[i]!))
      const total = weights.reduce((sum, each) => sum + each, 0)
      expect(score.data[0]).toBeCloseTo(weights[symbol]! / total, 4)
      const own = up.map(Math.exp)
      expect(same.data[0]).toBeCloseTo(own[symbol]! / own.reduce((sum, each) => sum + each, 0), 4)
    }),
    { numRuns: 15 }
  )
})

test("of a chain with one planted wrong step that is the critical one, and what follows from it is not to blame", async () => {
  const values = 7
  const digit = fc.nat(values - 1)
  const chain = fc.array(digit, { minLength: 2, maxLength: 6 }).chain((added) =>
    fc.record({
      added: fc.constant(added),
      at: fc.nat(added.length - 1),
      off: fc.integer({ min: 1, max: values - 1 }),
      first: digit
    })
  )
  await fc.assert(
    fc.asyncProperty(chain, async ({ added, at, first, off }) => {
      // Results of additions modulo 7, the one at the planted place off; all others follow from what is there.
      const results = added.reduce<ReadonlyArray<number>>(
        (all, each, t) => [...all, ((all.at(-1) ?? first) + each + (t === at ? off : 0)) % values],
        []
      )
      const rightAt = (t: number) => ((results[t - 1] ?? first) + added[t]!) % values
      /** A model that says the right result of every step with so much of a chance, and all others alike. */
      const model = (sure: number): Pairs.Done => {
        const chances = results.flatMap((_, t) =>
          Array.from({ length: values }, (_, value) => (value === rightAt(t) ? sure : (1 - sure) / (values - 1)))
        )
        const predicted: any = Tensor.log(row(chances, [1, results.length, values]))
        const symbols: any = Tensor.fromArray(Int32Array.from(results), [1, results.length])
        const live: any = Tensor.ones([1, results.length])
        return { predicted, symbols, live, logProb: Tensor.labelLogProbs<any>(predicted, symbols) as any }
      }
      // Of wrong attempts most steps are right as well.
      const { data } = await numbers(Pairs.scoresOf(model(0.95), model(0.7), 1))
      const scores = Array.from(data)
      expect(scores.indexOf(Math.min(...scores))).toBe(at)
      expect(scores[at]).toBeLessThan(0.01)
      scores.forEach((score, t) => t !== at && expect(score).toBeGreaterThan(0.9))
    }),
    { numRuns: 15 }
  )
})

const experiment = small()
const method = Methods.methods.cot
const wording = { ...Experiment.wordingOf(experiment, method), maxSteps: 0 }

test("chains that were written are scored as they were drawn", async () => {
  const problems = experiment.subject.rl.slice(0, 4)
  const values = lively(experiment, method)
  const rollouts = await run(
    Effect.gen(function* () {
      const held = yield* Held.hold(method, experiment.sizes, values)
      const sampled = { latents: "sampled", stops: "sampled", answers: "sampled" } as const
      const made = yield* Rollout.generator(held, wording, { ...sampled, questions: 4, group: 2 })
      return yield* made.run(problems, Key.fromSeed(2))
    }).pipe(Effect.scoped)
  )
  const tried = rollouts.map(({ problem, tail }) => ({ problem, tail, count: 0, latents: new Float32Array(0) }))
  const host = Pairs.triedOf({ ...wording, width: experiment.sizes.width }, tried)
  const stored = Pairs.asStored({
    question: integers(host.question, ["questions", "question"]),
    latents: [],
    used: integers({ data: host.used, shape: [rollouts.length] }, ["batch"]),
    tail: integers(host.tail, ["batch", "tail"])
  })
  const { live, logProb } = await numbers(Pairs.done(put(experiment, method, values), wording.perStep, stored))
  const length = live.sizes[1]!
  const sumsOf = (of: ArrayLike<number>) =>
    rollouts.map((_, i) => {
      const own = Array.from({ length }, (_, at) => of[i * length + at]!)
      return own.reduce((sum, each) => sum + each, 0)
    })
  expect(
    farthest(
      sumsOf(logProb.data),
      rollouts.map(({ logProb }) => logProb!)
    )
  ).toBeLessThan(1e-3)
  expect(sumsOf(live.data)).toEqual(rollouts.map(({ tail }) => tail.length - 1))
})
