/** The causal card: what is asked after latents that are given is what was asked after one's own. */
import { Experiment, Held, Key, type Method, Methods, Rollout } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { answering, card, donorsFor } from "../../../packages/atp/src/evaluate/card.ts"
import { isRight } from "../../../packages/atp/src/evaluate/metrics.ts"
import { lively, small } from "../small.ts"

const experiment = small()
const thinking = Object.entries<Method.Method>(Methods.methods).filter(([, { layout }]) => layout.thinks)

test.each(thinking)("of %s: as they are, answers are those of rollouts, in whatever batches", async (_, method) => {
  const wording = Experiment.wordingOf(experiment, method)
  const problems = experiment.subject.train.slice(0, 7)
  const { again, found, rollouts } = await Effect.runPromise(
    Effect.gen(function* () {
      const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
      const generator = yield* Rollout.generator(held, wording, {
        latents: "mean",
        stops: "likely",
        answers: "greedy",
        questions: 4,
        keepLatents: true
      })
      const key = Key.fromSeed(1)
      const found = yield* card(held, wording, generator, problems, key, 3)
      const rollouts = yield* generator.run(problems, Key.derive(key, "as is"))
      const thoughts = yield* Effect.forEach(rollouts, ({ latents }) =>
        Effect.map(latents.values(), ({ data }) => ({ count: latents.count, data }))
      )
      return { found, rollouts, again: yield* (yield* answering(held, wording, 3))(problems, thoughts) }
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )
  expect(again).toEqual(rollouts.map(({ answer }) => answer))
  expect(found.problems).toBe(7)
  expect(found.asIs).toBe(rollouts.filter(isRight).length / 7)
  for (const share of [found.zeroed, found.mean, found.swapped, found.lastOnly, found.noise, found.donor ?? 0]) {
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(1)
  }
})

test("a donor has as many latents and another answer, where there is one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ count: fc.nat(3), answer: fc.constantFrom("1", "2", "3") }), { maxLength: 20 }),
      (attempts) => {
        donorsFor(attempts).forEach((donor, i) => {
          const { answer, count } = attempts[i]!
          const others = attempts.filter((each) => count > 0 && each.count === count && each.answer !== answer)
          if (donor === null) expect(others).toEqual([])
          else expect(others).toContain(attempts[donor])
        })
      }
    )
  )
})
