/**
 * The parts that the questions of a task are divided into.
 *
 * @example
 * Task.splits // => ["train", "rl", "validation", "test"]
 */
export const splits = ["train", "rl", "validation", "test"] as const
/** A question belongs to one split for ever, whatever the seed: membership is a property of its canonical form. */
export type Split = (typeof splits)[number]

declare const split: unique symbol

/**
 * A question with one chain of steps and an answer: what every data source gives and every method is trained on. Its type
 * says which split it belongs to: `Problem<never>` to none yet, `Problem` to any. What is learnt from or chosen on is never
 * a `Problem<"test">`, and does not compile if it is.
 *
 * @example
 * const sum: Task.Problem<never> = { question: "1+2", steps: ["<<1+2=3>>"], answer: "3" }
 * Task.equations.solves(sum, sum.steps) // => true
 */
export interface Problem<out S extends Split = Split> {
  /** Never there: what the type is of. */
  readonly [split]?: S | undefined
  readonly question: string
  /** One chain of reasoning, a text per step; empty where the source has none. */
  readonly steps: ReadonlyArray<string>
  readonly answer: string
}

/** What a step says: the operands it uses and the result it reaches, as written. */
export interface Step {
  readonly operands: ReadonlyArray<string>
  readonly result: string
}

/**
 * How steps are written in one kind of problem, and what makes them true. Rewards and metrics know steps only through
 * this.
 *
 * @example
 * const routes: Task.StepLanguage = {
 *   read: (text) => (text.includes("->") ? { operands: [text.split("->")[0]], result: text.split("->")[1] } : null),
 *   resultText: (text) => text.split("->")[1] ?? "",
 *   holds: (text, { question }) => question.includes(text),
 *   normalise: (text) => text.trim(),
 *   goldSteps: ({ steps }) => new Set(steps),
 *   solves: ({ answer }, steps) => steps.at(-1)?.endsWith(`->${answer}`) ?? false
 * }
 * const route = { question: "a->b b->c", steps: ["a->b", "b->c"], answer: "c" }
 * const attempt = Reward.attempt({ problem: route, language: routes, steps: ["a->b", "b->c"], output: "### c" })
 * yield* Reward.score(Reward.stepValidity, [attempt], Key.fromSeed(1)) // => [{ total: 1, perStep: [1, 1] }]
 */
export interface StepLanguage {
  /** The step a text states, or null if it states none. */
  readonly read: (text: string) => Step | null
  /** What is taken for the result by a reader that never fails: the text after the first sign, or "". */
  readonly resultText: (text: string) => string
  /** Whether the step is true: the equation holds, the edge is in the question. */
  readonly holds: (text: string, problem: Problem) => boolean
  /** Every step of every chain that solves the problem, in the form `normalise` gives. */
  readonly goldSteps: (problem: Problem) => ReadonlySet<string>
  /** One spelling for texts that state the same step. */
  readonly normalise: (text: string) => string
  /** Whether the texts, in this order, are a complete chain that solves the problem; any of the equivalent ones. */
  readonly solves: (problem: Problem, steps: ReadonlyArray<string>) => boolean
  /**
   * The answer if the last of the steps had come to `result`, and the rest of the chain gone on from there; null where these
   * are not the first steps of a chain of the problem, or nothing can go on from the result. Left out where that cannot be
   * said of a kind of problem.
   */
  readonly counterfactual?: (problem: Problem, steps: ReadonlyArray<string>, result: string) => string | null
  /**
   * What a step is made of, by name, and null for a text that states none: what probes look for in latents. Left out where
   * there are no few values that each of these may have.
   */
  readonly properties?: (text: string) => Readonly<Record<string, string>> | null
}
