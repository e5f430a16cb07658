import type { StepLanguage } from "./problem.ts"

const normalise = (text: string): string => text.trim().replaceAll(/\s+/g, " ")

/**
 * Steps in words that nothing can be computed from: a step is right if it stands in the chain that was written for its
 * problem, and a chain if it is that one. Of coherence nothing can be said, since no step has a result.
 *
 * @example
 * const told = { question: "Where is Ann?", steps: ["Ann went out."], answer: "out" }
 * Task.plainText.holds("Ann  went out.", told) // => true
 * Task.plainText.read("Ann went out.") // => null
 */
export const plainText: StepLanguage = {
  normalise,
  read: () => null,
  resultText: () => "",
  holds: (text, problem) => plainText.goldSteps(problem).has(normalise(text)),
  goldSteps: (problem) => new Set(problem.steps.map(normalise)),
  solves: (problem, steps) =>
    steps.length > 0 &&
    steps.length === problem.steps.length &&
    steps.every((step, i) => normalise(step) === normalise(problem.steps[i]!))
}
