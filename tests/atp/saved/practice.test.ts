/** Practice: what was done becomes likelier where it scored better, nothing changes where all scored alike, and all can be forgotten. */
import { Experiment, Methods } from "../inside.ts"
import { practice } from "../../../packages/atp/src/saved/practice.ts"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { farthest, lively, onReference, small } from "../small.ts"

const experiment = small()
const problem = experiment.subject.rl[0]!

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

test.each(["atp-latent", "grpo"] as const)("what scores better becomes likelier: %s", async (name) => {
  const method = Methods.methods[name]
  const { language, tokenizer, ...use } = Experiment.wordingOf(experiment, method)
  const parameters = lively(experiment, method)
  const model = { method, parameters, sizes: experiment.sizes, tokenizer, language, use }
  const found = await onReference(
    Effect.gen(function* () {
      const { advantages, attempt, forget, learn, watch, weigh } = yield* practice(model, {
        attempts: 3,
        learningRate: 1e-3
      })
      const attempts = yield* attempt([problem], 0)
      const before = yield* weigh
      const [seen] = yield* watch([{ problem }])
      const alike = attempts.map(() => ({ total: 1 }))
      yield* learn(alike)
      const still = yield* weigh
      const scores = attempts.map((_, i) => ({ total: Number(i === 0) }))
      const figures = yield* learn(scores)
      const after = yield* weigh
      const [moved] = yield* watch([{ problem }])
      yield* forget
      const forgotten = yield* weigh
      const again = yield* attempt([problem], 0)
      return { attempts, before, seen, still, figures, after, moved, forgotten, again, credit: advantages(scores) }
    })
  )
  const all = (weighed: typeof found.before) => weighed.flatMap(({ latent, written }) => [...latent, ...written])
  expect(found.before).toHaveLength(3)
  // What was written is at the end, and says of itself how likely it was; before it there may be a decision to stop. The
  // score function gives padding a share as well.
  found.attempts.forEach(({ logProb, tail }, i) => {
    if (name === "atp-latent") expect(sum(found.before[i]!.written.slice(1 - tail.length))).toBeCloseTo(logProb!, 4)
  })
  expect(sum(found.credit)).toBeCloseTo(0, 6)
  expect(farthest(all(found.still), all(found.before))).toBeLessThan(1e-6)
  expect(Number.isFinite(found.figures["loss"])).toBe(true)
  const gain = (i: number) => sum(all([found.after[i]!])) - sum(all([found.before[i]!]))
  expect(gain(0)).toBeGreaterThan(gain(1))
  expect(gain(0)).toBeGreaterThan(gain(2))
  expect(farthest(all(found.after), all(found.before))).toBeGreaterThan(1e-6)
  expect(found.moved!.latents[0]!.own).not.toEqual(found.seen!.latents[0]!.own)
  expect(farthest(all(found.forgotten), all(found.before))).toBeLessThan(1e-6)
  expect(found.again.map(({ symbols }) => symbols)).toEqual(found.attempts.map(({ symbols }) => symbols))
})

test("attempts are held against those at their own question", async () => {
  const method = Methods.methods["atp-latent"]
  const { language, tokenizer, ...use } = Experiment.wordingOf(experiment, method)
  const parameters = lively(experiment, method)
  const model = { method, parameters, sizes: experiment.sizes, tokenizer, language, use }
  const problems = experiment.subject.rl.slice(0, 2)
  const found = await onReference(
    Effect.gen(function* () {
      const { advantages, attempt, learn, weigh, work } = yield* practice(model, { questions: 2, attempts: 2 })
      const single = yield* practice(model, { attempts: 2 })
      const attempts = yield* attempt(problems, 0)
      const before = yield* weigh
      // At the second question there is nothing to tell apart.
      const scores = [0, 1, 5, 5].map((total) => ({ total }))
      yield* learn(scores)
      return {
        attempts,
        before,
        after: yield* weigh,
        credit: advantages(scores),
        work,
        single: single.work,
        fewer: () => attempt(problems.slice(1), 1)
      }
    })
  )
  expect(found.attempts.map(({ problem }) => problem)).toEqual(problems.flatMap((problem) => [problem, problem]))
  expect(found.credit).toEqual([-1, 1, 0, 0])
  expect(found.work).toBe(2 * found.single)
  const gain = (i: number) => {
    const all = ({ latent, written }: (typeof found.before)[number]) => sum([...latent, ...written])
    return all(found.after[i]!) - all(found.before[i]!)
  }
  expect(gain(1)).toBeGreaterThan(gain(0))
  expect(found.fewer).toThrow("expected as many problems as questions of a round, 2, found 1")
})
