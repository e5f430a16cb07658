/** The causal card on the device: what is asked after latents that are given is what was asked after one's own. */
import { Experiment, Held, Key, type Method, Methods, Rollout } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { asking } from "../../../packages/atp/src/evaluate/asking.ts"
import { card, thinkingOf } from "../../../packages/atp/src/evaluate/carded.ts"
import { isRight } from "../../../packages/atp/src/evaluate/metrics.ts"
import { donorsFor, first } from "../../../packages/atp/src/evaluate/thought.ts"
import { lively, small } from "../small.ts"

const experiment = small()
const thinking = Object.entries<Method.Method>(Methods.methods).filter(([, { layout }]) => layout.thinks)

test.each(thinking)(
  "of %s: after its own latents, or some and the rest thought anew, it answers as by itself",
  async (_, method) => {
    const wording = Experiment.wordingOf(experiment, method)
    const problems = experiment.subject.train.slice(0, 7)
    const { anew, again, found, own } = await Effect.runPromise(
      Effect.gen(function* () {
        const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
        const generator = yield* Rollout.generator(held, wording, {
          latents: "mean",
          stops: "likely",
          answers: "greedy",
          questions: 4,
          texts: "greedy",
          keepLatents: true
        })
        const key = Key.fromSeed(1)
        const own = yield* thinkingOf(generator, problems, key)
        const ask = yield* asking(held, wording, 3)
        const asked = (thinksOn: boolean, count: number) =>
          ask(own.map(({ attempt, thought }) => ({ problem: attempt.problem, given: first(thought, count), thinksOn })))
        const latents = wording.maxSteps * wording.perStep
        return {
          own,
          again: yield* asked(false, latents),
          anew: yield* Effect.forEach(
            Array.from({ length: latents }, (_, t) => t),
            (t) => asked(true, t)
          ),
          found: yield* card(held, wording, generator, problems, key, { rows: 3 })
        }
      }).pipe(Effect.scoped, Effect.provide(Reference.layer))
    )
    const answers = own.map(({ attempt }) => attempt.answer)
    expect(again).toEqual(answers)
    // Given some of its own first latents, a model goes on as it did.
    for (const each of anew) expect(each).toEqual(answers)
    expect(found.problems).toBe(7)
    expect(found.asIs).toBe(own.filter(({ attempt }) => isRight(attempt)).length / 7)
    const shares = [
      found.zeroed,
      found.mean,
      found.swapped,
      found.lastOnly,
      found.noise,
      found.donor ?? 0,
      ...found.early
    ]
    for (const share of shares) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
    }
    expect(found.steps.length).toBeLessThanOrEqual(wording.maxSteps)
    expect(found.early.length).toBe(found.steps.length)
  }
)

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
