/** Linear probes: what they can read, what they cannot, and what their figures are held against. */
import { Arithmetic, Attempt, Evaluate, Key, type Problem, Tokenizer, Walk } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { forcedSteps } from "../../../packages/atp/src/evaluate/known.ts"
import { classified, fitted } from "../../../packages/atp/src/evaluate/logistic.ts"
import { fittingQuestions } from "../../../packages/atp/src/evaluate/probe.ts"

const normal = (random: Key.Draws): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

/** Rows around a centre for each class, in so many coordinates. */
const clouds = (seed: number, rows: number, classes: number, width: number, apart: number) => {
  const random = Key.draws(Key.fromSeed(seed))
  const centres = Array.from({ length: classes * width }, () => apart * normal(random))
  const labels = Int32Array.from({ length: rows }, () => random.integer(0, classes - 1))
  const features = Float64Array.from(
    { length: rows * width },
    (_, at) => centres[labels[Math.floor(at / width)]! * width + (at % width)]! + normal(random)
  )
  return { features, width, labels }
}
const agreement = (a: Int32Array, b: Int32Array): number => a.filter((label, i) => label === b[i]).length / a.length

describe("logistic regression", () => {
  test("tells clouds apart, and ends where its loss has no slope", () => {
    const all = clouds(1, 600, 5, 6, 3)
    const probe = fitted(all, 5, { steps: 3000 })
    expect(agreement(classified(probe, all), all.labels)).toBeGreaterThan(0.95)
    // Moving any weight a little either way makes the penalised loss larger.
    const lossAt = (weights: Float64Array): number => {
      const size = all.width + 1
      let loss = weights.reduce((sum, weight) => sum + weight ** 2 / 2, 0)
      for (let row = 0; row < all.labels.length; row++) {
        const logits = Array.from({ length: 5 }, (_, k) =>
          Array.from({ length: size }, (_, j) => {
            const x = j === all.width ? 1 : (all.features[row * all.width + j]! - probe.centre[j]!) / probe.scale[j]!
            return x * weights[j * 5 + k]!
          }).reduce((sum, x) => sum + x, 0)
        )
        const most = Math.max(...logits)
        loss += Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0)) + most - logits[all.labels[row]!]!
      }
      return loss
    }
    const least = lossAt(probe.weights)
    for (const at of [0, 7, 20, 34])
      for (const by of [-0.05, 0.05])
        expect(lossAt(probe.weights.with(at, probe.weights[at]! + by))).toBeGreaterThan(least)
  })

  test("does not depend on the unit or the origin of a coordinate, nor on one that does not vary", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: -5, max: 5 }),
        (seed, unit, origin) => {
          const all = clouds(seed, 60, 3, 3, 2)
          const moved = { ...all, features: all.features.map((x, at) => (at % 3 === 1 ? unit * x + origin : x)) }
          const wider = {
            ...all,
            width: 4,
            features: Float64Array.from({ length: 240 }, (_, at) =>
              at % 4 === 3 ? 7 : all.features[Math.floor(at / 4) * 3 + (at % 4)]!
            )
          }
          const said = classified(fitted(all, 3), all)
          expect(agreement(classified(fitted(moved, 3), moved), said)).toBeGreaterThan(0.98)
          expect(agreement(classified(fitted(wider, 3), wider), said)).toBe(1)
        }
      ),
      { numRuns: 20 }
    )
  })

  test("does not tell what is far from what is near, which no line divides", () => {
    const random = Key.draws(Key.fromSeed(5))
    const features = Float64Array.from({ length: 2000 }, () => normal(random))
    const labels = Int32Array.from({ length: 1000 }, (_, row) =>
      Number(Math.hypot(features[2 * row]!, features[2 * row + 1]!) > 1.18)
    )
    const said = classified(fitted({ features, width: 2, labels }, 2), { features, width: 2 })
    expect(agreement(said, labels)).toBeLessThan(0.7)
    const radius = {
      features: Float64Array.from(labels, (_, row) => Math.hypot(features[2 * row]!, features[2 * row + 1]!)),
      width: 1
    }
    expect(agreement(classified(fitted({ ...radius, labels }, 2), radius), labels)).toBeGreaterThan(0.95)
  })
})

const sums = Arithmetic.arithmetic(
  new Arithmetic.ArithmeticOptions({
    values: 5,
    modular: true,
    steps: 3,
    weights: [0.5, 0.5, 0],
    common: 0.7,
    distractors: 0,
    canonicalLabels: false
  })
)
const drawn = (seed: number, count: number): ReadonlyArray<Problem<never>> =>
  Array.from({ length: count }, (_, i) => sums.draw(Key.derive(Key.fromSeed(seed), i), "train"))

/** Attempts whose latents hold, each in directions of their own, the result and the left operand of their step. */
const thinkingOf = (problems: ReadonlyArray<Problem>, seed: number, perStep = 1): ReadonlyArray<Evaluate.Thinking> => {
  const random = Key.draws(Key.fromSeed(seed))
  return problems.map((problem) => {
    const rows = problem.steps.flatMap((step) =>
      Array.from({ length: perStep }, () => {
        const { left, result } = sums.language.properties!(step)!
        return Array.from({ length: 14 }, (_, j) => {
          const said = j < 5 ? Number(j === Number(result)) : j < 10 ? Number(j - 5 === Number(left)) : 0
          return 2 * said + 0.2 * normal(random)
        })
      })
    )
    const [count, data] = [rows.length, Float32Array.from(rows.flat())]
    return {
      thought: { count, data },
      attempt: Attempt.make({
        problem,
        language: sums.language,
        steps: problem.steps,
        latents: { count, values: () => Effect.succeed({ shape: [count, 14], data }) }
      })
    }
  })
}

describe("probes", () => {
  test.each([1, 2])("read what latents hold and nothing else, at each place, with %i latents a step", (perStep) => {
    const probes = Evaluate.probesOf(thinkingOf(drawn(1, 500), 2, perStep), perStep)
    const found = probes(thinkingOf(drawn(3, 400), 4, perStep))
    const at = (property: string, place: number | null) =>
      found.find((each) => each.property === property && each.place === place)!
    for (let place = 0; place < 3 * perStep; place++) {
      for (const property of ["result", "left"]) expect(at(property, place).accuracy).toBeGreaterThan(0.97)
      for (const property of ["right", "operator"]) {
        // The right operand is what is left of a sum once its operator is known; a linear probe has no way to it.
        const { accuracy, chance, of } = at(property, place)
        expect(accuracy - chance).toBeLessThan(0.15)
        expect(of).toBeLessThanOrEqual(400)
      }
    }
    expect(at("operator", 0).chance).toBeGreaterThanOrEqual(0.5)
    expect(at("result", 0).chance).toBeLessThan(0.4)
    expect(at("step", null).of).toBe(drawn(3, 400).reduce((sum, { steps }) => sum + perStep * steps.length, 0))
    expect(found.at(-1)!.place).toBeNull()
  })

  test("are the same again, and not asked where nothing is said", () => {
    const [fitting, asked] = [thinkingOf(drawn(1, 60), 2), thinkingOf(drawn(3, 50), 4)]
    expect(Evaluate.probesOf(fitting, 1)(asked)).toEqual(Evaluate.probesOf(fitting, 1)(asked))
    expect(Evaluate.probesOf(fitting.slice(0, 5), 1)(asked)).toEqual([])
    expect(Evaluate.probesOf([], 1)(asked)).toEqual([])
  })

  test("of a kind of problem that does not say what a step is made of there are none, and the card says why", async () => {
    const mute = thinkingOf(drawn(1, 40), 2).map(({ attempt, thought }): Evaluate.Thinking => {
      const { properties: _, ...language } = attempt.language
      return { thought, attempt: { ...attempt, language } }
    })
    const ask: Evaluate.Asking = (asked) => Effect.succeed(asked.map(({ problem }) => problem.answer))
    const probes = Evaluate.probesOf(mute, 1)
    const card = await Effect.runPromise(
      Evaluate.cardOf(mute, { ask, perStep: 1, maxSteps: 3, probes }, Key.fromSeed(1))
    )
    expect(card.probes).toEqual([])
    expect(card.absent).toContainEqual(["probes", "this kind of problem does not say what a step is made of"])
  })
})

test("questions to fit on are none of those asked, validation questions first, in an order of their own", () => {
  const { encode } = Tokenizer.fixedVocabulary(sums.symbols)
  const [train, validation] = [drawn(5, 30), drawn(6, 20)]
  const subject = { tokenizer: { encode }, train, validation }
  fc.assert(
    fc.property(fc.nat(20), fc.nat(), fc.integer({ min: 3, max: 8 }), (asked, seed, most) => {
      const judged = validation.slice(0, asked)
      const found = fittingQuestions(subject, judged, most, Key.fromSeed(seed))
      const questions = judged.map(({ question }) => question)
      for (const { question } of found) {
        expect(questions).not.toContain(question)
        expect(encode(question).length).toBeLessThanOrEqual(most)
      }
      const own = new Set(validation.map(({ question }) => question))
      const firstOther = found.findIndex(({ question }) => !own.has(question))
      for (const { question } of firstOther < 0 ? [] : found.slice(firstOther))
        expect(own.has(question) && !train.some((each) => each.question === question)).toBe(false)
    })
  )
})

test("a step is forced where all chains have it next", () => {
  const of = (question: string, answer: string) => forcedSteps(sums.language, { question, steps: [], answer })
  expect(of("1 - 2 + 3", "2")).toEqual(["1 - 2 = 4", "4 + 3 = 2"])
  expect(of("1 + 2 + 3", "1")).toEqual([])
  expect(of("1 - 2 + 3 + 4", "1")).toEqual([])
  const walks = Walk.walk(
    new Walk.WalkOptions({ nodes: 8, branching: 2, distractors: 0, steps: 4, canonicalLabels: false })
  )
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      for (const task of [sums, walks]) {
        const problem = task.draw(Key.fromSeed(seed), "train")
        const forced = forcedSteps(task.language, problem)
        expect(problem.steps.slice(0, forced.length)).toEqual(forced)
        if (forced.length === problem.steps.length) expect(task.language.goldSteps(problem)).toEqual(new Set(forced))
      }
    })
  )
})
