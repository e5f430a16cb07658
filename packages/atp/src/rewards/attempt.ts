import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { Problem, StepLanguage } from "../data/problem.ts"

/** Latent values on the host, a row per latent. */
export interface LatentValues {
  readonly shape: readonly [latents: number, width: number]
  readonly data: Float32Array
}

/** The latents of an attempt. Their values may lie on a device and are fetched only where someone asks for them. */
export interface Latents {
  /** How many were kept. */
  readonly count: number
  /** Those that were kept, [count, width]. */
  readonly values: () => Effect.Effect<LatentValues, Device.DeviceError>
}

/** One finished attempt at a question: all that rewards, searches and metrics look at. */
export interface Attempt {
  readonly problem: Problem
  readonly language: StepLanguage
  /** What each used latent group decodes to (or each written step, for methods that write their steps). */
  readonly steps: ReadonlyArray<string>
  /** The text written after the reasoning, such as `### 12`. */
  readonly output: string
  /** What follows the answer sign, or null without one. */
  readonly answer: string | null
  readonly latents: Latents
  /** Probability of stopping at the start of each group; empty where the number of latents is fixed. */
  readonly stopChances: ReadonlyArray<number>
  /** Symbol numbers written after the latents, the answer sign included and the end mark not. */
  readonly symbols: ReadonlyArray<number>
  /** Log-probability of these and of the end mark, given the latents, in nats; null where nobody knows it. */
  readonly logProb: number | null
  /** Whether there was no more room before the end mark was written. */
  readonly truncated: boolean
  /** The round of reinforcement that the attempt was made in, from 1; null elsewhere. */
  readonly round: number | null
}

/**
 * The answer in an output: what follows `###`, or null if nothing does.
 *
 * @example
 * Reward.answerOf("so ### 10") // => "10"
 * Reward.answerOf("so 10") // => null
 */
export const answerOf = (output: string): string | null => {
  const at = output.indexOf("###")
  const answer = at < 0 ? "" : output.slice(at + 3).trim()
  return answer === "" ? null : answer
}

const noLatents: Latents = { count: 0, values: () => Effect.succeed({ shape: [0, 0], data: new Float32Array(0) }) }

/**
 * An attempt as it might have been made, to try a reward on: what is left out is as without latents.
 *
 * @example
 * const attempt = Reward.attempt({ problem, language: Task.equations, steps: ["<<2+3=5>>"], output: "### 5" })
 * attempt.answer // => "5"
 * attempt.latents.count // => 0
 */
export const make = (
  given: Pick<Attempt, "problem" | "language"> & Partial<Omit<Attempt, "problem" | "language" | "answer">>
): Attempt => ({
  steps: [],
  output: "",
  latents: noLatents,
  stopChances: [],
  symbols: [],
  logProb: null,
  truncated: false,
  round: null,
  ...given,
  answer: answerOf(given.output ?? "")
})
