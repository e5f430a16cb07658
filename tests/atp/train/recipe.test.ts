/** Rounds through reparameterised latents: what is learnt beside the policy gradient, controls, and what cannot be run so. */
import {
  Correctness,
  Experiment,
  Held,
  Key,
  type Method,
  Methods,
  Recipes,
  Rehearsal,
  Reinforce,
  Reward,
  Signal,
  SignalReport,
  Stages
} from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { expect, test } from "vitest"
import { lively, small, smallConfig } from "../small.ts"

type Settings = Partial<(typeof smallConfig)["reinforcement"]>
type Figures = Readonly<Record<string, number>>

const settled = (settings: Settings) =>
  small({
    ...smallConfig,
    reinforcement: { ...smallConfig.reinforcement, advantage: "method", reduce: "method", ...settings }
  } as typeof smallConfig)

const run = <A, E>(effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(
    effect.pipe(Effect.scoped, Effect.provide(Layer.merge(Reference.layer, NodeFileSystem.layer))) as Effect.Effect<
      A,
      E
    >
  )

const method = Methods.methods["atp-latent"]

const rounds = async (
  settings: Settings,
  stage: "answers" | "reinforce",
  reward: Reward.Reward = Recipes.recipe("full")
): Promise<ReadonlyArray<Figures>> => {
  const experiment = settled(settings)
  const figures: Array<Figures> = []
  const context: Stages.RunContext = {
    experiment,
    folder: null,
    saveEvery: 100,
    listen: (_, report) => Effect.sync(() => void figures.push(report.figures))
  }
  const first = lively(experiment, method)
  await run(
    stage === "answers"
      ? Stages.answerStage(context, "answers", method, first)
      : Stages.reinforceStage(context, "rl", method, first, { reward })
  )
  return figures
}

test("the loss is that of the policy gradient by its weight and all of the supervised one, each there by name", async () => {
  const figures = await rounds({ replay: { chains: 4, weight: 0.3 } }, "reinforce")
  expect(figures).toHaveLength(smallConfig.reinforcement.rounds)
  for (const each of figures) {
    const policy = each["latent"]! + each["written"]! + each["texts"]!
    const chains = method.terms.reduce((sum, { name, weight }) => sum + weight * each[`replay/${name}`]!, 0)
    expect(each["replay"]).toBeCloseTo(chains, 4)
    expect(each["loss"]).toBeCloseTo(0.3 * policy + chains, 4)
  }
})

test("where the policy gradient weighs nothing no attempt is made, and the chains are those of reinforcement", async () => {
  const asked = Reward.perAttempt("asked", [0, 1], () => {
    throw new Error("an attempt was made")
  })
  const alone = await rounds({ replay: { chains: 4, weight: 0 } }, "reinforce", asked)
  const beside = await rounds({ replay: { chains: 4, weight: 1e-9 } }, "reinforce")
  expect(alone.map(({ replay }) => replay)).toHaveLength(smallConfig.reinforcement.rounds)
  alone.forEach((figures, i) => {
    expect(figures["replay"]).toBeCloseTo(beside[i]!["replay"]!, 3)
    expect("accuracy" in figures).toBe(false)
  })
})

test("over several updates a round the ratios of symbols, stops and words move, and latents have none", async () => {
  const settings: Settings = { rounds: 2, epochs: 3, minibatch: 4, learningRate: 0.03 }
  const figures = await rounds(
    settings,
    "reinforce",
    Reward.perAttempt("odd", [0, 1], ({ output }) => output.length % 2)
  )
  for (const each of figures) {
    expect(Object.values(each).every(Number.isFinite)).toBe(true)
    expect(each["drift"]).toBeGreaterThan(0)
  }
})

test("right answers become likelier, over the questions and the latents of reinforcement", async () => {
  const settings: Settings = { rounds: 6, learningRate: 0.02, replay: "none" }
  const told = await rounds(settings, "answers")
  expect(told.at(-1)!["loss"]).toBeLessThan(told[0]!["loss"]!)
  expect(told.every((figures) => !("reward" in figures))).toBe(true)
})

test("an estimator that cannot use what explores, and a replay without chains, are sentences", () => {
  const experiment = settled({})
  const { sizes, subject } = experiment
  const with_ = (
    of: Method.Method,
    options: Reinforce.TermOptions,
    train: ReadonlyArray<{ steps: ReadonlyArray<string> }>
  ) => Rehearsal.refusalOfRounds(of, { ...of.reinforcement!, term: Reinforce.term(options) }, sizes, train)
  const { reparameterised, scoreFunction } = Reinforce.Estimator
  expect(with_(method, { estimator: reparameterised }, subject.train)).toBeNull()
  expect(with_(method, { estimator: scoreFunction }, subject.train)).toBeNull()
  expect(with_(Methods.methods.multiplex, { estimator: scoreFunction }, subject.train)).toBeNull()
  expect(with_(Methods.methods.multiplex, { estimator: reparameterised }, subject.train)).toBe(
    'the reparameterised estimator needs latents that are a differentiable function of their noise, and those of "3 symbols at once" are discrete'
  )
  const coconut = Methods.methods.coconut
  const own: Method.Method = {
    ...coconut,
    reinforcement: { ...method.reinforcement!, frozen: [], term: Reinforce.term() },
    put: (...given) => ({ ...coconut.put(...given), explore: coconut.put(...given).policy })
  }
  expect(with_(own, { estimator: scoreFunction }, subject.train)).toBe(
    'the score function needs latents with a density, and those of "hidden state" have none'
  )
  const replay = Reinforce.Replay.chains(8, { weight: 0.2 })
  expect(with_(method, { replay }, subject.train)).toBeNull()
  expect(with_(method, { replay }, [{ steps: [] }, { steps: [] }])).toBe(
    "a replay of 8 chains needs training questions with their chains, and none of 2 has one; expected reinforcement.replay to be none"
  )
})

test.each([
  [0, 0.2, "a replay needs a whole number of chains from 1, found 0"],
  [1.5, 0.2, "a replay needs a whole number of chains from 1, found 1.5"],
  [8, -1, "a replay needs a weight of the policy gradient from 0, found -1"],
  [8, Number.NaN, "a replay needs a weight of the policy gradient from 0, found NaN"]
])("a replay of %d chains with the weight %d is none", (chains, weight, message) => {
  expect(() => Reinforce.Replay.chains(chains, { weight })).toThrow(message)
})

test("the signal of a round is measured by estimator, the same for the same key, in lines of 80 columns", async () => {
  const experiment = settled({})
  const measured = () =>
    run(
      Effect.gen(function* () {
        const held = yield* Held.hold(method, experiment.sizes, lively(experiment, method), undefined, {
          frozen: ["steps"]
        })
        return yield* Signal.signals(held, {
          wording: Experiment.wordingOf(experiment, method),
          reinforcement: method.reinforcement!,
          problems: experiment.subject.rl,
          reward: Correctness.correctness,
          questions: 4,
          group: 2,
          batches: 3,
          key: Key.fromSeed(4)
        })
      })
    )
  const found = await measured()
  expect(found.map(({ name }) => name)).toEqual([
    "score function, latents alone",
    "answers, latents held",
    "reparameterised",
    "reparameterised, with words",
    "right answers, supervised",
    "random reward"
  ])
  expect(found.every(({ norm, signalToNoise }) => Number.isFinite(norm) && Number.isFinite(signalToNoise))).toBe(true)
  // Right answers have something to say of every question.
  expect(found[4]!.signalToNoise).toBeGreaterThan(0)
  expect(await measured()).toEqual(found)
  const lines = SignalReport.signalTable(found).split("\n")
  expect(lines).toHaveLength(found.length + 3)
  expect(lines.every((line) => line.length <= 80)).toBe(true)
})
