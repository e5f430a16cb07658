/** Disjoint splits of a generated task: which split a question belongs to depends on its canonical form alone. */
import { derive, fractionOf, type Key } from "../random/key.ts"
import type { Problem, Split } from "./problem.ts"
import { mixed, sharesOf } from "./mix.ts"
import type { EvaluationSet, Variant } from "./task.ts"

/** Where problems are drawn from and told apart. Pure: the same key gives the same problem. */
export interface Source {
  /**
   * Numbers of steps of the questions that are learnt. With them every part of the data has the same share of each, and
   * `draw` is told which to draw; without, it is as `draw` has it.
   */
  readonly lengths?: ReadonlyArray<number>
  /** Numbers of steps of the questions of reinforcement, each as frequent, where they are not those that are learnt. */
  readonly reinforced?: ReadonlyArray<number> | undefined
  readonly draw: (key: Key, variant: Variant, steps?: number) => Problem<never>
  /** The same for questions that ask the same thing, whatever the order of their facts and their distractors. */
  readonly canonical: (problem: Problem) => string
}

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

/** Which problems are drawn. */
interface Drawn<S extends Split> {
  readonly split: S
  readonly variant: Variant
  readonly count: number
  readonly key: Key
  /** Steps that all of them have; as the distribution says unless given. */
  readonly steps?: number
}

/**
 * Up to `count` problems of one split with distinct questions. Fewer come back where the task has fewer: short questions
 * are a small space. The same key gives the same problems, and a larger count the same ones first.
 */
export const problems = <S extends Split>(task: Source, options: Drawn<S>): ReadonlyArray<Problem<S>> => {
  const { key, steps, variant } = options
  const found = new Map<string, Problem<S>>()
  let failures = 0
  for (let i = 0; found.size < options.count && failures < triesPerProblem; i++) {
    const problem =
      steps === undefined
        ? task.draw(derive(key, variant, i), variant)
        : task.draw(derive(key, variant, steps, i), variant, steps)
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

/** One of the held-out sets that have a distribution of their own, drawn from the test split. */
export const evaluationSet = (
  task: Source,
  set: EvaluationSet,
  count: number,
  key: Key
): ReadonlyArray<Problem<"test">> =>
  problems(task, { split: "test", variant: set, count, key: derive(key, "evaluation", set) })

/** How many problems of the distribution that is learnt are wanted, by split; `test` are those of the set `id`. */
export type WantedBySplit = { readonly [S in Split]: number }

/**
 * Problems of every split from the distribution that is learnt, with the same share of every number of steps in all of
 * them. It does not depend on how many are wanted for reinforcement; there they end where one of a number is missing.
 */
export const parts = (
  task: Source,
  wanted: WantedBySplit,
  key: Key
): { readonly [S in Split]: ReadonlyArray<Problem<S>> } => {
  const { lengths = [], reinforced } = task
  const all = <S extends Split>(split: S, count: number, steps?: number) =>
    problems(task, {
      split,
      variant: split === "test" ? "id" : "train",
      count,
      key: split === "test" ? derive(key, "evaluation", "id") : derive(key, "data", split),
      ...(steps === undefined ? {} : { steps })
    })
  if (lengths.length === 0)
    return {
      train: all("train", wanted.train),
      rl: all("rl", wanted.rl),
      validation: all("validation", wanted.validation),
      test: all("test", wanted.test)
    }
  const there = ["train", "validation", "test"] as const
  const supplies = (share: number) =>
    there.map((split) => {
      const enough = Math.ceil(share * wanted[split])
      return { split, wanted: wanted[split], enough, kinds: lengths.map((steps) => all(split, enough, steps)) }
    })
  const alike = supplies(1 / lengths.length)
  const isEnough = alike.every(({ enough, kinds }) => kinds.every((kind) => kind.length === enough))
  const found = isEnough ? alike : supplies(1)
  const shares = isEnough
    ? lengths.map(() => 1 / lengths.length)
    : sharesOf(found.map(({ kinds, wanted }) => ({ wanted, there: kinds.map(({ length }) => length) })))
  const one = <S extends Split>(split: S, numbers = lengths, of = shares): ReadonlyArray<Problem<S>> =>
    mixed(
      numbers.map((steps, kind) => all(split, Math.ceil(of[kind]! * wanted[split]) + 1, steps)),
      of,
      wanted[split]
    )
  return {
    train: one("train"),
    rl:
      reinforced === undefined
        ? one("rl")
        : one(
            "rl",
            reinforced,
            reinforced.map(() => 1 / reinforced.length)
          ),
    validation: one("validation"),
    test: one("test")
  }
}
