/** Attempts watched: the same as they are otherwise, with other latents in their place, and put into words in several ways. */
import { Evaluate, Experiment, Held, Key, type Method, Methods, Rollout } from "../inside.ts"
import { asking } from "../../../packages/atp/src/evaluate/asking.ts"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { farthest, lively, onReference, small } from "../small.ts"

const experiment = small()
const { methods } = Methods
const problems = experiment.subject.rl.slice(0, 5)

/** What a method does with the questions, generated and watched. */
const both = (method: Method.Method, texts: number) =>
  onReference(
    Effect.gen(function* () {
      const wording = Experiment.wordingOf(experiment, method)
      const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
      const made = yield* Rollout.generator(held, wording, {
        latents: "mean",
        stops: "likely",
        answers: "greedy",
        texts: "greedy",
        questions: 5,
        keepLatents: true
      })
      const attempts = yield* Effect.forEach(yield* made.run(problems, Key.fromSeed(1)), (attempt) =>
        Effect.map(attempt.latents.values(), ({ data }) => ({ ...attempt, data }))
      )
      // Batches of other sizes, the last of them not full.
      const watch = yield* Rollout.watching(held, wording, 2)
      const phrase = yield* Rollout.phrasing(held, wording, texts)
      const ask = yield* asking(held, wording, 5)
      const seen = yield* watch(problems.map((problem) => ({ problem })))
      const latents = wording.maxSteps * wording.perStep
      const zeros = Array.from({ length: latents }, () => new Float32Array(experiment.sizes.width))
      return {
        attempts,
        seen,
        maxSteps: wording.maxSteps,
        perStep: wording.perStep,
        own: yield* watch(
          problems.map((problem, i) => ({ problem, instead: seen[i]!.latents.map(({ values }) => values) }))
        ),
        zeroed: yield* watch(
          problems.map((problem, i) => ({
            problem,
            instead: zeros,
            steps: Math.floor(seen[i]!.latents.length / wording.perStep)
          }))
        ),
        asked: yield* ask(
          problems.map((problem, i) => ({
            problem,
            given: {
              count: seen[i]!.latents.length,
              data: new Float32Array(seen[i]!.latents.length * experiment.sizes.width)
            } satisfies Evaluate.Thought,
            thinksOn: false
          }))
        ),
        forced: yield* Effect.forEach([0, 1, wording.maxSteps], (steps) => watch([{ problem: problems[0]!, steps }])),
        phrases: phrase === null ? null : yield* Effect.forEach(seen, ({ shown }) => phrase(shown))
      }
    })
  )

test.each(["atp-latent", "atp-latent-grounded", "coconut", "multiplex", "colt"] as const)(
  "what is watched is what happens: %s",
  async (name) => {
    const { asked, attempts, forced, maxSteps, own, perStep, seen, zeroed } = await both(methods[name], 1)
    seen.forEach((each, i) => {
      const attempt = attempts[i]!
      expect(each.latents).toHaveLength(attempt.latents.count)
      expect(each.output).toBe(attempt.output)
      expect(each.answer).toBe(attempt.answer)
      expect(farthest(each.stopChances, attempt.stopChances)).toBeLessThan(1e-5)
      expect(each.stopChances).toHaveLength(attempt.stopChances.length)
      expect(
        farthest(
          each.latents.flatMap(({ values }) => [...values]),
          attempt.data
        )
      ).toBeLessThan(1e-5)
      each.latents.forEach(({ own: mode, values }) => expect(farthest(values, mode)).toBe(0))
      // The sign of the first symbol of an answer, and the others beside it.
      if (each.answer !== null) {
        expect(each.answers.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 6)
        expect(each.answer.split(" ")[0]).toBe(each.answers[0]!.text)
      } else expect(each.answers).toEqual([])
    })
    // Its own latents in place of themselves change nothing.
    own.forEach((each, i) => expect(each.output).toBe(seen[i]!.output))
    expect(zeroed.map(({ answer }) => answer)).toEqual(asked)
    zeroed.forEach((each) => each.latents.forEach(({ values }) => expect([...values].every((x) => x === 0)).toBe(true)))
    expect(forced.map(([each]) => each!.latents.length / perStep)).toEqual([0, 1, maxSteps])
  }
)

test("one beam is the likeliest symbol after the other, and more of them are texts in the order of their chances", async () => {
  const method = methods["atp-latent"]
  const { attempts, phrases, seen } = await both(method, 1)
  expect(phrases!.map((groups) => groups.map(([likeliest]) => likeliest!.text))).toEqual(
    attempts.map(({ steps }) => steps)
  )
  const more = (await both(method, 4)).phrases!
  more.forEach((groups, i) => {
    expect(groups).toHaveLength(seen[i]!.shown.length)
    groups.forEach((texts, group) => {
      const chances = texts.map(({ chance }) => chance)
      expect(chances).toEqual(chances.toSorted((a, b) => b - a))
      expect(new Set(texts.map(({ text }) => text)).size).toBe(texts.length)
      expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1 + 1e-6)
      expect(chances[0]!).toBeGreaterThanOrEqual(phrases![i]![group]![0]!.chance - 1e-9)
    })
  })
})

test("what writes its steps has no latents to put into words", async () => {
  const { phrases, seen } = await both(methods.cot, 2)
  expect(phrases).toBeNull()
  seen.forEach(({ latents, shown, stopChances }) => expect([latents, shown, stopChances]).toEqual([[], [], []]))
})

test("attention adds up to one, over what was there when something was chosen", async () => {
  for (const name of ["atp-latent", "coconut", "cot"] as const) {
    const method = methods[name]
    const seen = await onReference(
      Effect.gen(function* () {
        const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method))
        const wording = Experiment.wordingOf(experiment, method)
        const watch = yield* Rollout.watching(held, wording, 2, { attention: true })
        const plain = yield* Rollout.watching(held, wording, 3)
        const asked = problems.slice(0, 3).map((problem) => ({ problem }))
        const [looked, otherwise] = [yield* watch(asked), yield* plain(asked)]
        expect(looked.map(({ output }) => output)).toEqual(otherwise.map(({ output }) => output))
        expect(otherwise.every(({ attention }) => attention === null)).toBe(true)
        return looked
      })
    )
    seen.forEach(({ answer, attention, latents }, i) => {
      const { choices, names } = attention!
      const question = problems[i]!.question.split(" ").length + 1
      expect(choices).toHaveLength(latents.length + (answer === null ? 0 : 1))
      expect(names.slice(question, question + latents.length)).toEqual(latents.map((_, t) => `latent ${t + 1}`))
      choices.forEach((layers, choice) => {
        expect(layers).toHaveLength(experiment.sizes.layers)
        for (const heads of layers) {
          expect(heads).toHaveLength(experiment.sizes.heads)
          for (const weights of heads) {
            expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
            // Nothing is looked at that is still to come.
            if (choice < latents.length)
              expect(weights.slice(question + choice).every((weight) => weight === 0)).toBe(true)
          }
        }
      })
    })
  }
})
