/** The causal card of a model on the device. */
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import type { Held } from "../method/held.ts"
import { derive, type Key } from "../random/key.ts"
import type { GenerateError, Generator, Rollout, Wording } from "../rollout/generate.ts"
import { asking } from "./asking.ts"
import { type Card, cardOf } from "./card.ts"
import { type Probes } from "./probe.ts"
import type { Thinking } from "./thought.ts"

/** Attempts with the values of their latents; the generator is one that keeps them. */
export const thinkingOf = (
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  key: Key
): Effect.Effect<ReadonlyArray<Thinking>, GenerateError> =>
  Effect.flatMap(generator.run(problems, key), (rollouts) =>
    Effect.forEach(rollouts, (attempt: Rollout) =>
      Effect.map(attempt.latents.values(), ({ data }): Thinking => ({
        attempt,
        thought: { count: attempt.latents.count, data }
      }))
    )
  )

/**
 * The causal card of a held model on problems: latents at their mean and answers at their likeliest, first as they are and
 * then with every intervention. The generator is one that takes them so, keeps them, and says what they mean.
 *
 *     const { asIs, donor, verdict } = yield* card(held, wording, generator, problems, key)
 */
export const card = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  key: Key,
  {
    probes = null,
    rows = Math.min(100, problems.length)
  }: { readonly probes?: Probes | null; readonly rows?: number } = {}
): Effect.fn.Return<Card, GenerateError, Device.Device | Scope.Scope> {
  const thinking = yield* thinkingOf(generator, problems, derive(key, "as is"))
  const ask = yield* asking(held, wording, rows)
  const { maxSteps, pace, perStep } = wording
  const standFor = pace === undefined ? "steps" : "symbols"
  return yield* cardOf(thinking, { ask, maxSteps, perStep, probes, standFor }, key)
})
