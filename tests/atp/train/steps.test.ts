/** How many steps an attempt may take: as many as the longest chain, or as the config says. */
import { Methods } from "@noema/atp"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Config, Experiment, Key, Layout, Subject } from "../inside.ts"

const experimentOf = (steps?: number) => {
  const model = { width: 8, layers: 1, heads: 1, kvHeads: 1, hidden: 8, ...(steps === undefined ? {} : { steps }) }
  const config = Effect.runSync(
    Config.decodeConfig({ seed: 1, model, supervised: { problems: 40 }, evaluate: 4, reinforcement: { rounds: 1 } })
  )
  const key = Key.fromSeed(1)
  return Experiment.experiment(config, Subject.generated(config, key), key)
}
const unset = experimentOf()
const longest = unset.subject.maxSteps
const groups = (experiment: Experiment.Experiment, method: Methods.MethodName) =>
  Experiment.wordingOf(experiment, Methods.methods[method]).maxSteps

test("unless it is said an attempt may take as many steps as the longest chain", () => {
  const said = experimentOf(longest)
  for (const method of Methods.methodNames)
    expect(Experiment.wordingOf(unset, Methods.methods[method])).toEqual({
      ...Experiment.wordingOf(said, Methods.methods[method]),
      language: expect.anything(),
      tokenizer: expect.anything()
    })
})

test("latents and what is written have room for the steps that are said; what a method counts itself stays", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (steps) => {
      const given = experimentOf(steps)
      expect(groups(given, "atp-latent")).toBe(steps)
      expect(groups(given, "coconut")).toBe(steps)
      expect(groups(given, "sim-cot-extra")).toBe(steps + 1)
      expect(groups(given, "marcos")).toBe(groups(unset, "marcos"))
      const room = ({ textSymbols }: Experiment.Experiment) => textSymbols
      expect(Math.sign(room(given) - room(unset))).toBe(Math.sign(steps - longest))
      expect(Math.sign(groups(given, "multiplex") - groups(unset, "multiplex"))).toBe(Math.sign(steps - longest))
      // What is learnt from stays as it is.
      expect(given.budget).toEqual(unset.budget)
    }),
    { numRuns: 9 }
  )
})

test("data of any size is measured: lengths are not arguments of a call", () => {
  const { subject } = unset
  const many = { ...unset, subject: { ...subject, train: Array.from({ length: 200_000 }, () => subject.train[0]!) } }
  expect(Experiment.wordingOf(many, Methods.coconut).textSymbols).toBe(
    Experiment.wordingOf(unset, Methods.coconut).textSymbols
  )
  const row = { question: [1, 2], tail: [3], groups: [[4, 5, 6]], written: [7], results: [], needed: 1 } as never
  expect(Layout.lengthsOf(Array.from({ length: 200_000 }, () => row))).toEqual({
    question: 2,
    tail: 1,
    group: 3,
    written: 1
  })
})
