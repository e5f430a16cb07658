/** Warnings of what was evaluated after reinforcement. */
import { Pipeline, Reward } from "@noema/atp"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { aftermath, warnAfter } from "../../../packages/atp/src/pipeline/aftermath.ts"
import { plan } from "../../../packages/atp/src/pipeline/plan.ts"
import { configOf } from "../../../packages/atp/src/pipeline/open.ts"
import { Evaluate, Folder } from "../inside.ts"
import { fresh, pipeline, run } from "./small.ts"

const { evaluate, reinforce, supervise } = Pipeline
const both = pipeline.pipe(supervise(), reinforce({ reward: Reward.correctness }), evaluate())
const { jobs } = await Effect.runPromise(Effect.flatMap(configOf(both), (config) => plan(both.stages, config)))

const passesOf = (stage: string, mean: number, [low, high]: readonly [number, number], k = 8) => ({
  stage,
  questions: 200,
  attempts: k,
  rates: [
    { k: 1, mean: 0, low: 0, high: 0, of: 200 },
    { k, mean, low, high, of: 200 }
  ]
})
const share = fc.double({ min: 0, max: 1, noNaN: true })

test("pass@k has fallen exactly where it is below the interval of the stage before", () => {
  fc.assert(
    fc.property(share, share, (before, after) => {
      const [low, high] = [Math.max(0, before - 0.05), Math.min(1, before + 0.05)]
      const found = aftermath(
        jobs,
        [],
        [passesOf("atp-latent", before, [low, high]), passesOf("atp-latent-rl", after, [0, 1])]
      )
      expect(found.map(({ stage, warning }) => [stage, warning._tag])).toEqual(
        after < low ? [["atp-latent-rl", "PassesFell"]] : []
      )
    })
  )
})

test("of stages that were not both evaluated, or not alike, nothing is said", () => {
  const [before, after] = [passesOf("atp-latent", 0.9, [0.85, 0.95]), passesOf("atp-latent-rl", 0.2, [0.1, 0.3])]
  expect(aftermath(jobs, [], [before])).toEqual([])
  expect(aftermath(jobs, [], [after])).toEqual([])
  expect(aftermath(jobs, [], [passesOf("atp-latent", 0.9, [0.85, 0.95], 4), after])).toEqual([])
  const [warned] = aftermath(jobs, [], [before, after])
  expect(warned!.warning.message).toBe(
    "pass@8 has fallen to 20.0 % of 200 questions: atp-latent had 90.0 % (85.0 % to 95.0 %)"
  )
})

test("latents that are decoration after reinforcement are told of once, on standard error, in the metrics and in the report", async () => {
  const stays = { share: 0.9, of: 500 }
  const verdictOf = (stays: Evaluate.Share) =>
    Evaluate.verdictOf({ stays, goes: { share: 1 - stays.share, of: stays.of }, follows: null, keeps: null })
  const evaluated = (stage: string, verdict: Evaluate.Verdict) => ({
    stage,
    set: "id",
    card: { verdict } as Evaluate.Card
  })
  const decorated = verdictOf(stays)
  expect(aftermath(jobs, [evaluated("atp-latent", decorated)], [])).toEqual([])
  expect(aftermath(jobs, [evaluated("atp-latent-rl", verdictOf({ share: 0.1, of: 500 }))], [])).toEqual([])
  expect(aftermath(jobs, [{ stage: "atp-latent-rl", set: "id", card: null }], [])).toEqual([])
  const warned = aftermath(jobs, [evaluated("atp-latent-rl", decorated)], [])
  const sentence = `after reinforcement, on id: ${decorated.sentence}`
  expect(warned.map(({ warning }) => warning.message)).toEqual([sentence])

  const path = fresh()
  const told: Array<string> = []
  const metrics = await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, {}, {})
      const notice = (stage: string, { message }: { readonly message: string }) =>
        Effect.sync(() => void told.push(`${stage}: ${message}`))
      yield* warnAfter({ folder, notice }, warned)
      // A run that is asked for again judges again.
      yield* warnAfter({ folder, notice }, warned)
      return yield* folder.metrics
    }).pipe(Effect.scoped)
  )
  expect(told).toEqual([`atp-latent-rl: ${sentence}`, `atp-latent-rl: ${sentence}`])
  expect(metrics).toEqual([
    {
      stage: "atp-latent-rl",
      update: 2,
      event: "Decorated",
      set: "id",
      verdict: decorated.sentence,
      message: sentence
    }
  ])
  expect(readFileSync(join(path, "metrics.jsonl"), "utf8").trim().split("\n")).toHaveLength(1)
})
