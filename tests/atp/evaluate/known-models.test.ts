/** The causal card of models that are written by hand, of which it is known what their latents do. */
import { Arithmetic, Attempt, Evaluate, Key, type Problem, type StepLanguage, Walk } from "../inside.ts"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"

const values = 11
const sums = Arithmetic.arithmetic(
  new Arithmetic.ArithmeticOptions({
    values,
    modular: true,
    steps: 4,
    weights: [0.5, 0.5, 0],
    common: 0.7,
    distractors: 0,
    canonicalLabels: false
  })
)
const walks = Walk.walk(
  new Walk.WalkOptions({ nodes: 8, branching: 0, distractors: 3, steps: 4, canonicalLabels: false })
)

/** A symbol as a number and back: what a latent of these models holds. */
const numberOf = (symbol: string): number => (/\d/.test(symbol) ? Number(symbol) : symbol.charCodeAt(0) - 96)
const letterOf = (number: number): string => String.fromCharCode(96 + number)

interface World {
  readonly language: StepLanguage
  readonly problems: ReadonlyArray<Problem>
  readonly symbolOf: (number: number) => string
}
const drawn = (task: typeof sums, count: number): ReadonlyArray<Problem> =>
  Array.from({ length: count }, (_, i) => task.draw(Key.derive(Key.fromSeed(3), i), "train"))
const worlds: Readonly<Record<string, World>> = {
  sums: { language: sums.language, problems: drawn(sums, 300), symbolOf: (number) => `${Math.round(number)}` },
  walks: { language: walks.language, problems: drawn(walks, 300), symbolOf: (number) => letterOf(Math.round(number)) }
}

/** A model: what it says after latents, and whether it thinks on after them. */
interface ByHand {
  readonly answer: (world: World, asked: Evaluate.Asked) => string | null
  /** Whether its latents are decoded to its steps. */
  readonly speaks?: boolean
}

const resultOf = ({ language }: World, step: string): number => numberOf(language.read(step)!.result)

/** What the last latent of `count` says, each step having `perStep` alike. */
const lastOf = ({ given }: Evaluate.Asked): number => given.data[given.data.length - 1] ?? 0

/** Each latent is the result of its step, and goes on from the one before; the answer is what the last one says. */
const thinker = (perStep: number): ByHand => ({
  answer: (world, asked) => {
    const { given, problem, thinksOn } = asked
    if (given.count === 0) return thinksOn ? problem.answer : null
    if (!thinksOn) return world.symbolOf(lastOf(asked))
    const steps = problem.steps.slice(0, Math.floor(given.count / perStep))
    const reached = world.symbolOf(lastOf(asked))
    return world.language.counterfactual!(problem, steps, reached)
  }
})
/** The answer is what the last latent says, which is computed from the question alone. */
const carrier = (perStep: number): ByHand => ({
  answer: (world, asked) =>
    asked.thinksOn && asked.given.count < perStep * asked.problem.steps.length
      ? asked.problem.answer
      : world.symbolOf(lastOf(asked))
})
/** The answer is computed from the question; latents are there to be looked at. */
const decorator: ByHand = { answer: (_, { problem }) => problem.answer }
/** Half of the questions are answered in one way, half in the other. */
const mixed: ByHand = {
  answer: (world, asked) =>
    (world.problems.indexOf(asked.problem) % 2 === 0 ? decorator : thinker(1)).answer(world, asked)
}

/** The same, but every other answer is nonsense: of the same question and latents always the same. */
const clumsy = (model: ByHand): ByHand => ({
  answer: (world, asked) => {
    const at = Key.uniform(Key.derive(Key.fromSeed(9), asked.problem.question, [...asked.given.data].join()))
    return at < 0.5 ? world.symbolOf(1 + Math.floor(14 * at)) : model.answer(world, asked)
  }
})
/** One that is wrong about every other question, whatever its latents. */
const ignorant: ByHand = {
  answer: (_, { problem }) => (Key.fractionOf(problem.question) < 0.5 ? "0" : problem.answer)
}

const cardOf = (world: World, model: ByHand, { perStep = 1, speaks = true, problems = world.problems } = {}) => {
  const thinking = problems.map((problem): Evaluate.Thinking => {
    const results = problem.steps.flatMap((step) => Array<number>(perStep).fill(resultOf(world, step)))
    // A second coordinate that says nothing.
    const data = Float32Array.from(results.flatMap((result) => [1, result]))
    const count = results.length
    const asIs = model.answer(world, { problem, given: { count, data }, thinksOn: false })
    return {
      thought: { count, data },
      attempt: Attempt.make({
        problem,
        language: world.language,
        output: `### ${asIs}`,
        steps: speaks ? problem.steps : [],
        latents: { count, values: () => Effect.succeed({ shape: [count, 2], data }) }
      })
    }
  })
  const ask: Evaluate.Asking = (asked) => Effect.succeed(asked.map((each) => model.answer(world, each)))
  return Effect.runPromise(Evaluate.cardOf(thinking, { ask, perStep, maxSteps: 4 }, Key.fromSeed(1)))
}

describe.each(Object.entries(worlds))("of %s", (_, world) => {
  test.each([1, 2, 3])("a model whose latents are a chain is called one, with %i latents a step", async (perStep) => {
    const card = await cardOf(world, thinker(perStep), { perStep })
    expect(card.verdict).toMatchObject({ answers: "come from latents", chain: "goes on" })
    expect(card.donor).toBe(1)
    expect(card.goes.share).toBe(1)
    expect(card.follows!.share).toBe(1)
    expect(card.follows!.of).toBeGreaterThan(50)
    expect(card.steps).toHaveLength(4)
    for (const { follows } of card.steps.slice(0, 3)) expect(follows!.share).toBe(1)
    // The last step of a chain has none behind it.
    expect(card.steps[3]!.follows).toBeNull()
    // After the first of two steps the answer is not there yet.
    expect(card.early[0]).toBe(0)
    expect(card.early[1]!).toBeLessThan(card.early[2]!)
    expect(card.verdict.sentence).toContain("later latents go on from the first")
  })

  test("one whose last latent takes the answer from the question carries it, and is no chain", async () => {
    const card = await cardOf(world, carrier(1))
    expect(card.donor).toBe(1)
    expect(card.verdict).toMatchObject({ answers: "come from latents", chain: "does not go on" })
    expect(card.follows!.share).toBe(0)
    expect(card.steps[0]!.keeps!.share).toBe(1)
    expect(card.verdict.sentence).toContain("later latents do not go on from the first")
  })

  test("one that answers from the question is decoration, right as it is", async () => {
    const card = await cardOf(world, decorator)
    expect(card.asIs).toBe(1)
    expect(card.zeroed).toBe(1)
    expect(card.stays.share).toBe(1)
    expect(card.early).toEqual([1, 1, 1, 1])
    expect(card.verdict.answers).toBe("are decorated")
    expect(card.verdict.sentence).toContain("answers change little when latents are another question's")
    expect(card.verdict.sentence).toContain("latents are decoration")
  })

  test("one that is often wrong is judged alike", async () => {
    const thinking = await cardOf(world, clumsy(thinker(1)))
    expect(thinking.asIs).toBeLessThan(0.7)
    expect(thinking.verdict).toMatchObject({ answers: "come from latents", chain: "goes on" })
    const deciding = await cardOf(world, ignorant)
    expect(deciding.asIs).toBeLessThan(0.7)
    expect(deciding.verdict.answers).toBe("are decorated")
  })

  test("one that does both by turns cannot be told", async () => {
    const card = await cardOf(world, mixed)
    expect(card.verdict.answers).toBe("cannot tell")
    expect(card.verdict.sentence).toContain("cannot be told")
  })

  test("of few questions nothing can be told", async () => {
    const card = await cardOf(world, thinker(1), { problems: world.problems.slice(0, 3) })
    expect(card.verdict).toMatchObject({ answers: "cannot tell", chain: "cannot tell" })
  })

  test("nothing depends on what latents are decoded to, but the count of whole chains", async () => {
    const [silent, spoken] = [await cardOf(world, thinker(1), { speaks: false }), await cardOf(world, thinker(1))]
    expect(silent.chains).toBeNull()
    expect(spoken.chains).toEqual({ rightAndWhole: 300, rightNotWhole: 0, wrongAndWhole: 0, wrongNotWhole: 0 })
    expect({ ...silent, chains: null }).toEqual({ ...spoken, chains: null })
  })

  test("a kind of problem that cannot say what another result leads to has no such row, and says why", async () => {
    const { counterfactual: _, ...language } = world.language
    const card = await cardOf({ ...world, language }, decorator)
    expect(card.follows).toBeNull()
    expect(card.steps.every(({ follows }) => follows === null)).toBe(true)
    expect(card.absent).toEqual([
      ["follows", "this kind of problem does not say what another result of a step leads to"]
    ])
  })
})

test("of no questions, and of a single one, a card says that nothing can be told", async () => {
  const world = worlds["sums"]!
  for (const count of [0, 1]) {
    const card = await cardOf(world, thinker(1), { problems: world.problems.slice(0, count) })
    expect(card).toMatchObject({ problems: count, exchanged: 0, donor: null, follows: null })
    expect(card.verdict).toMatchObject({ answers: "cannot tell", chain: "cannot tell" })
    expect(card.absent.map(([row]) => row)).toEqual(["follows"])
  }
})

test("right answers and whole chains are counted two by two", () => {
  const { language, problems } = worlds["sums"]!
  const attempts = problems.slice(0, 40).map((problem, i) =>
    Attempt.make({
      problem,
      language,
      // What a spare latent says is none of the chain.
      steps: [...(i % 4 < 2 ? problem.steps : ["1 + 1 = 3"]), "4"],
      output: i % 2 === 0 ? `### ${problem.answer}` : "### none"
    })
  )
  expect(Evaluate.chainsOf(attempts)).toEqual({
    rightAndWhole: 10,
    rightNotWhole: 10,
    wrongAndWhole: 10,
    wrongNotWhole: 10
  })
  expect(Evaluate.chainsOf([])).toBeNull()
})
