/** Disjoint splits of a generated task: which split a question belongs to depends on its canonical form alone. */
import { derive, fractionOf, type Key } from "../random/key.ts"
import type { Generated } from "./generated.ts"
import type { Problem, Split } from "./problem.ts"
import type { EvaluationSet, Variant } from "./task.ts"

const upTo: ReadonlyArray<readonly [number, Split]> = [
  [0.75, "train"],
  [0.85, "rl"],
  [0.9, "validation"],
  [1, "test"]
]

/** The split of a question with this canonical form: three quarters train, then `rl`, `validation`, `test`. */
export const splitOf = (canonical: string): Split => {
  const at = fractionOf(canonical)
  return upTo.find(([limit]) => at < limit)![1]
}

const triesPerProblem = 2000

/**
 * Up to `count` problems of one split with distinct questions. Fewer come back where the task has fewer: short questions
 * are a small space. The same key gives the same problems.
 */
export const problems = <S extends Split>(
  task: Pick<Generated, "canonical" | "draw">,
  options: { readonly split: S; readonly variant: Variant; readonly count: number; readonly key: Key }
): ReadonlyArray<Problem<S>> => {
  const found = new Map<string, Problem<S>>()
  let failures = 0
  for (let i = 0; found.size < options.count && failures < triesPerProblem; i++) {
    const problem = task.draw(derive(options.key, options.variant, i), options.variant)
    const canonical = task.canonical(problem)
    if (splitOf(canonical) !== options.split || found.has(canonical)) {
      failures++
      continue
    }
    failures = 0
    found.set(canonical, problem)
  }
  return [...found.values()]
}

/** One of the five held-out sets, drawn from the test split. */
export const evaluationSet = (
  task: Pick<Generated, "canonical" | "draw">,
  set: EvaluationSet,
  count: number,
  key: Key
): ReadonlyArray<Problem<"test">> =>
  problems(task, { split: "test", variant: set, count, key: derive(key, "evaluation", set) })
