import type { Problem, StepLanguage } from "../data/problem.ts"

/** One finished attempt at a question, in words: what rewards and metrics look at. */
export interface Trajectory {
  readonly problem: Problem
  /** What each used latent group decodes to (or each written step, for methods that write their steps). */
  readonly steps: ReadonlyArray<string>
  /** The text written after the reasoning, such as `### 12`. */
  readonly output: string
  /** What follows the answer sign, or null without one. */
  readonly answer: string | null
  readonly language: StepLanguage
}

/** The answer in an output: what follows `###`, or null if nothing does. */
export const answerOf = (output: string): string | null => {
  const at = output.indexOf("###")
  const answer = at < 0 ? "" : output.slice(at + 3).trim()
  return answer === "" ? null : answer
}

/** An attempt with what it cost. */
export interface Attempt {
  readonly trajectory: Trajectory
  /** Latents used. */
  readonly latents: number
  /** Symbols written after the latents, the answer sign included and the end mark not. */
  readonly written: number
}
