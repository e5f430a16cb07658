/** Searches over the attempts of models. */
import { Methods, Model, Pipeline, Policy, Reward, Task } from "@noema/atp"
import { Experiment, Key, type Method, Rollout, Search, Searching } from "../inside.ts"
import { named, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { expect, test } from "vitest"
import { run, tiny } from "../pipeline/small.ts"
import { farthest, holdSmall, numbers, onReference, small } from "../small.ts"

const experiment = small()
const problems = experiment.subject.rl.slice(0, 6)
const key = Key.fromSeed(2)

const found = <E>(method: Method.Method, search: Search.Search<E>, seed = key) =>
  onReference(
    Effect.gen(function* () {
      const held = yield* holdSmall(experiment, method)
      const searcher = yield* Searching.searching(held, Experiment.wordingOf(experiment, method), search, {
        spoken: true
      })
      return yield* searcher.run(problems, seed)
    })
  )

const tails = (all: ReadonlyArray<Searching.Found>) => all.map((one) => Searching.takenOf(one).tail)

test("of one attempt every search is a single one", async () => {
  const single = tails(await found(Methods.atpLatent, Search.single))
  for (const search of [
    Search.vote(1),
    Search.bestOf(1, Reward.coherence()),
    Search.weightedVote(1, Reward.likelihood)
  ])
    expect(tails(await found(Methods.atpLatent, search))).toEqual(single)
})

test("among attempts that are judged by their correctness, the best is right wherever one of them is", async () => {
  const all = await found(Methods.cot, Search.bestOf(128, Reward.correctness))
  const right = ({ answer, problem }: Rollout.Rollout) => answer === problem.answer
  for (const one of all) expect(right(Searching.takenOf(one))).toBe(one.attempts.some(right))
  // With so many attempts at so few answers some are right and not all; otherwise this shows nothing.
  const attempts = all.flatMap(({ attempts }) => attempts)
  expect(attempts.some(right) && !attempts.every(right)).toBe(true)
})

test("how likely what was written is, a search knows as a model that reads it does", async () => {
  const [one] = await found(Methods.coconut, Search.withNoise(Search.bestOf(4, Reward.likelihood), 1))
  for (const [i, { logProb, symbols, truncated }] of one!.attempts.entries()) {
    expect(logProb).toBeLessThan(0)
    expect(one!.scores![i]).toBeCloseTo(Math.exp(logProb! / (symbols.length + Number(!truncated))), 12)
  }
})

test("chains that are written are searched by what is drawn of them, with nothing else", async () => {
  const all = await found(Methods.cot, Search.vote(8))
  expect(new Set(all[0]!.attempts.map(({ tail }) => tail.join(" "))).size).toBeGreaterThan(1)
  await expect(found(Methods.cot, Search.withNoise(Search.vote(8), 1))).rejects.toThrow(
    "CoT-SFT has no latents to be searched with noise 1; it draws what it writes"
  )
  await expect(found(Methods.multiplex, Search.withNoise(Search.vote(2), 1))).rejects.toThrow(
    "Multiplex Thinking draws symbols, which noise 1 does nothing to; it is searched as it draws"
  )
})

test.each([
  ["Coconut", Methods.coconut],
  ["SIM-CoT", Methods.simCot],
  ["CODI", Methods.codi]
] as const)("%s draws nothing, which is said, and is searched with noise or dropout", async (name, method) => {
  await expect(found(method, Search.vote(2))).rejects.toThrow(
    `${name} draws nothing, and all 2 attempts of vote-2 would be the same; expected noise or dropout`
  )
  const distinct = (all: ReadonlyArray<Searching.Found>) =>
    Effect.runPromise(
      Effect.map(
        Effect.forEach(all[0]!.attempts, ({ latents }) => Effect.map(latents.values(), ({ data }) => data.join(" "))),
        (values) => new Set(values).size
      )
    )
  const judged = Search.bestOf(8, Reward.likelihood)
  expect(await distinct(await found(method, Search.withNoise(judged, 0.5)))).toBe(8)
  expect(await distinct(await found(method, Search.withDropout(judged, 0.4)))).toBeGreaterThan(4)
})

test("noise that is next to nothing, and dropout that next to never drops, make all attempts one", async () => {
  const stirred = async (search: Search.Search) => {
    const [one] = await found(Methods.coconut, search)
    return Effect.runPromise(
      Effect.forEach(one!.attempts, ({ latents }) => Effect.map(latents.values(), ({ data }) => data))
    )
  }
  const judged = Search.bestOf(8, Reward.random)
  for (const search of [Search.withNoise(judged, 1e-12), Search.withDropout(judged, 1e-9)]) {
    const [first, ...others] = await stirred(search)
    expect(first!.length).toBeGreaterThan(0)
    for (const other of others) expect(farthest(other, first!)).toBeLessThan(1e-6)
  }
  // None at all is a search of one attempt, and is said to be.
  expect(() => Policy.noisy(Policy.hiddenState, 0)).toThrow("expected a deviation above 0, found 0")
  expect(() => Policy.dropout(Policy.hiddenState, 0)).toThrow("expected a rate of dropout between 0 and 1, found 0")
})

test("dropout leaves out the share it says and keeps the mean; the mode is that of the policy", async () => {
  const [rows, width] = [2000, 5]
  const hidden = Tensor.ensureShape(Tensor.ones([rows, width]), [named("rows", rows), named("width", width)])
  const random = Key.draws(key)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  const noise = Tensor.ensureShape(
    Tensor.fromArray(Float32Array.from({ length: rows * width }, normal), [rows, width]),
    [named("rows", rows), named("width", width)]
  )
  const rate = 0.2
  const { at, mode } = Policy.dropout(Policy.hiddenState, rate).dist<["rows"]>(hidden)
  const values = await numbers({ mode, drawn: at(noise) })
  expect(new Set(values.mode.data)).toEqual(new Set([1]))
  const drawn = [...values.drawn.data]
  const dropped = drawn.filter((value) => value === 0).length / drawn.length
  // Three deviations of a share of 10000 draws.
  expect(Math.abs(dropped - rate)).toBeLessThan(3 * Math.sqrt((rate * (1 - rate)) / drawn.length))
  for (const value of drawn) if (value !== 0) expect(value).toBeCloseTo(1 / (1 - rate), 6)
})

test("a pipeline evaluates by a search, with the cost and the coverage of all attempts, and refuses what is in vain", async () => {
  const trained = Pipeline.pipeline({ task: Task.arithmetic({ values: 5, steps: 2 }), method: Methods.simCot, ...tiny })
  const search = Search.withNoise(Search.bestOf(4, Reward.coherence()), 0.5)
  const { evaluations, model } = await run(
    trained
      .pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }), Pipeline.evaluate({ sets: ["id"], search }))
      .run()
  )
  const [once, searched] = evaluations
  expect(once!.searched).toBeNull()
  expect(searched!.searched).toMatchObject({ name: "best-of-4 by coherence (strict), with noise 0.5", attempts: 4 })
  expect(searched!.searched!.coverage).toBeGreaterThanOrEqual(searched!.accuracy)
  expect(searched!.tokens).toBeGreaterThan(2 * once!.tokens)
  // A model that was trained is searched by itself, too.
  const one = await run(Model.search(model, "1 + 2", search))
  expect([one.attempts.length, one.scores!.length]).toEqual([4, 4])
  await expect(run(Model.search(model, "1 + 2", Search.vote(2)))).rejects.toThrow(/^SIM-CoT draws nothing/)
  const bare = trained.pipe(Pipeline.supervise())
  const refused = (options: { readonly search: Search.Search; readonly card?: boolean }) =>
    expect(run(bare.pipe(Pipeline.evaluate(options)).run())).rejects
  await refused({ search: Search.vote(2) }).toThrow(
    "evaluation of sim-cot: SIM-CoT draws nothing, and all 2 attempts of vote-2 would be the same; expected noise or dropout"
  )
  await refused({ search, card: true }).toThrow(/search makes one answer of several drawn attempts; leave out card$/)
})
