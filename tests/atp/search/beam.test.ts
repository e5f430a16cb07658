/** Beams over latents. */
import { Methods, Reward } from "@noema/atp"
import { Beam, Experiment, Key, type Method, Search, Searching } from "../inside.ts"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { holdSmall, onReference, small } from "../small.ts"

const experiment = small()
const { perStep } = experiment.config.model
const problems = experiment.subject.rl.slice(0, 5)

const found = <E>(method: Method.Method, search: Search.Search<E>) =>
  onReference(
    Effect.gen(function* () {
      const held = yield* holdSmall(experiment, method)
      const searcher = yield* Searching.searching(held, Experiment.wordingOf(experiment, method), search, {
        spoken: true
      })
      const all = yield* searcher.run(problems, Key.fromSeed(4))
      return yield* Effect.forEach(all, (one) =>
        Effect.map(
          Effect.forEach(one.attempts, ({ latents }) => latents.values()),
          (values) => ({ ...one, values })
        )
      )
    })
  )

test("survivors are the best, best first, and of equals the first", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 1 }), fc.integer({ min: 1, max: 6 }), (scores, width) => {
      const kept = Beam.survivors(scores, width)
      expect(kept).toHaveLength(Math.min(width, scores.length))
      const sorted = scores.map((score, at) => ({ score, at })).sort((a, b) => b.score - a.score || a.at - b.at)
      expect(kept).toEqual(sorted.slice(0, width).map(({ at }) => at))
    })
  )
  expect(Beam.survivors([Number.NEGATIVE_INFINITY, 1, Number.NaN], 3)).toEqual([1])
})

test.each([
  ["ATP-Latent, which stops by itself", Methods.atpLatent, null],
  ["SIM-CoT with noise", Methods.simCot, 0.5],
  ["CoLT, which calls for text", Methods.colt, null]
] as const)("of width one and one sample it is a single attempt: %s", async (_, method, noise) => {
  const stirred = <E>(search: Search.Search<E>) => (noise === null ? search : Search.withNoise(search, noise))
  const [single, beam] = [
    await found(method, stirred(Search.single)),
    await found(method, stirred(Search.beam(1, 1, Reward.likelihood)))
  ]
  expect(beam.map((one) => Searching.takenOf(one).tail)).toEqual(single.map((one) => Searching.takenOf(one).tail))
  expect(beam.map(({ attempts }) => attempts[0]!.latents.count)).toEqual(
    single.map(({ attempts }) => attempts[0]!.latents.count)
  )
})

/** The first group of each attempt, as text. */
const beginnings = (one: Awaited<ReturnType<typeof found>>[number]) =>
  new Set(one.values.map(({ data, shape: [, width] }) => data.slice(0, perStep * width).join(" ")))

test("no more prefixes are gone on from than the beam is wide, and each in several ways", async () => {
  const all = await found(Methods.simCot, Search.withNoise(Search.beam(2, 3, Reward.likelihood), 0.5))
  for (const one of all) {
    expect(one.attempts).toHaveLength(6)
    expect(beginnings(one).size).toBeLessThanOrEqual(2)
    expect(new Set(one.values.map(({ data }) => data.join(" "))).size).toBe(6)
  }
  // Without a beam every attempt begins in its own way.
  const free = await found(Methods.simCot, Search.withNoise(Search.bestOf(6, Reward.likelihood), 0.5))
  for (const one of free) expect(beginnings(one).size).toBe(6)
})

test("of the attempts that a beam ends with, that with the best score is taken", async () => {
  for (const { attempts, chosen, scores } of await found(
    Methods.atpLatent,
    Search.beam(2, 2, Reward.coherence("code"))
  )) {
    if (chosen === null) continue
    for (const [i, { answer }] of attempts.entries())
      if (answer !== null) expect(scores![chosen]).toBeGreaterThanOrEqual(scores![i]!)
  }
})

test("methods without latents are told that there is nothing to keep", async () => {
  await expect(found(Methods.cot, Search.beam(2, 2, Reward.likelihood))).rejects.toThrow(
    "CoT-SFT has no latents whose prefixes beam-2x2 could keep; expected a method that thinks"
  )
  expect(() => Search.beam(0, 4, Reward.likelihood)).toThrow(/^beam: expected 1 to 1024 attempts, found 0 times 4$/)
})
