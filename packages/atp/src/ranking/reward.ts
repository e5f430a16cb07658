/** A trained reward model as a reward: of attempts in reinforcement, and of prefixes and attempts in a search. */
import { type Device, Program } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { padded } from "../layout/pack.ts"
import type { Held } from "../method/held.ts"
import { mostScore } from "../part/scoreHead.ts"
import type { Attempt } from "../rewards/attempt.ts"
import { learned } from "../rewards/learned.ts"
import type { Reward, Score } from "../rewards/reward.ts"
import { askable, type GenerateError, type Wording } from "../rollout/generate.ts"
import { rewardModelOf, scored } from "./model.ts"

const { spec } = Program

/** Attempts that are scored together. */
const together = 64

/** A held reward model as a reward. An attempt without latents has the least that there is. */
export const rewardOf = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording
): Effect.fn.Return<Reward<GenerateError>, Program.ProgramError, Device.Device | Scope.Scope> {
  const { context, maxSteps, perStep } = wording
  const latents = maxSteps * perStep
  const { width } = held.sizes
  const run = yield* Program.make(
    (tensors, question, latents, used) =>
      scored(rewardModelOf(held, { ...tensors.trainable, ...tensors.frozen }), { question, latents, used }, perStep),
    held.specs,
    spec(["batch", "question"], "i32"),
    spec(["batch", "candidates", "latents", "width"]),
    spec(["batch", "candidates"], "i32")
  )
  const scoresOf = Effect.fnUntraced(function* (attempts: ReadonlyArray<Attempt>) {
    // A last batch is filled up with its first attempt.
    const rows = Array.from({ length: together }, (_, row) => attempts[row] ?? attempts[0]!)
    const asked = yield* Effect.forEach(rows, ({ problem }) => askable(wording, problem))
    const values = new Float32Array(together * latents * width)
    const thoughts = yield* Effect.forEach(rows, (attempt) => attempt.latents.values())
    thoughts.forEach(({ data }, row) => values.set(data, row * latents * width))
    const { data } = yield* run(
      held.state,
      padded(asked, context, "left"),
      { shape: [together, 1, latents, width], data: values },
      { shape: [together, 1], data: Int32Array.from(rows, ({ latents }) => latents.count) }
    )
    return attempts.map(({ latents, steps }, row): Score => {
      const groups = Math.floor(latents.count / perStep)
      if (groups === 0) return { total: -mostScore }
      const each = Array.from({ length: groups }, (_, step) => data[row * maxSteps + step]!)
      const total = each.reduce((sum, worth) => sum + worth, 0) / groups
      return steps.length === groups ? { total, perStep: each } : { total }
    })
  })
  return {
    ...learned,
    score: Effect.fnUntraced(function* (batch: ReadonlyArray<Attempt>) {
      const all: Array<Score> = []
      for (let start = 0; start < batch.length; start += together)
        all.push(...(yield* scoresOf(batch.slice(start, start + together))))
      return all
    })
  }
})
