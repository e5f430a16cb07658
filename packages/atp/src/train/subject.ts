/** What is learned: training and held-out problems, how their steps are written, and the tokenizer. */
import * as Effect from "effect/Effect"
import { arithmetic, easyArithmetic } from "../data/arithmetic.ts"
import { equations } from "../data/equation.ts"
import { formatOf, load } from "../data/load.ts"
import type { Problem, StepLanguage } from "../data/problem.ts"
import { statements } from "../data/prosqa.ts"
import { evaluationSet, problems } from "../data/splits.ts"
import { evaluationSets, type Task } from "../data/task.ts"
import { walk } from "../data/walk.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { corpusVocabulary, fixedVocabulary, type Tokenizer } from "../text/tokenizer.ts"
import type { RunConfig } from "./config.ts"

export interface Subject {
  readonly name: string
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  readonly train: ReadonlyArray<Problem>
  /** Questions for reinforcement, which supervised training has not seen. */
  readonly rl: ReadonlyArray<Problem>
  readonly validation: ReadonlyArray<Problem>
  /** Held-out sets by name. */
  readonly tests: ReadonlyArray<readonly [name: string, problems: ReadonlyArray<Problem>]>
  /** Latent groups at most. */
  readonly maxSteps: number
}

/** The generated task a config names. */
export const taskOf = (config: RunConfig): Task =>
  config.task === "walk" ? walk(config.walk) : arithmetic(config.task === "easy" ? easyArithmetic : config.arithmetic)

/** A generated task as a subject, with the five held-out sets. */
export const generated = (config: RunConfig, key: Key): Subject => {
  const task = taskOf(config)
  const draw = (split: "train" | "rl" | "validation", count: number) =>
    problems(task, { split, variant: "train", count, key: derive(key, "data", split) })
  return {
    name: task.name,
    tokenizer: fixedVocabulary(task.symbols),
    language: task.language,
    train: draw("train", config.supervised.problems),
    rl: draw("rl", Math.max(64, config.reinforcement.questions * config.reinforcement.rounds)),
    validation: draw("validation", config.evaluate),
    tests: evaluationSets.map((set) => [set, evaluationSet(task, set, config.evaluate, key)] as const),
    maxSteps: task.steps.train
  }
}

const vocabularySize = 2000
/** Chains of word problems are rarely longer; later steps share the last group. */
const groupsOfFiles = 6

/**
 * A data file as a subject: a tenth is held out for reinforcement and a twentieth each for validation and testing,
 * unless test files are given.
 */
export const fromFiles = Effect.fnUntraced(function* (
  config: RunConfig,
  file: string,
  tests: ReadonlyArray<string>,
  key: Key
) {
  const format = yield* formatOf(file)
  const all = draws(derive(key, "data")).shuffle(yield* load(file))
  const words = corpusVocabulary(
    all.flatMap(({ answer, question, steps }) => [question, ...steps, answer]),
    vocabularySize
  )
  const symbols = (texts: ReadonlyArray<string>) => texts.reduce((sum, text) => sum + words.encode(text).length + 1, 0)
  const fits = ({ question, steps }: Problem) =>
    symbols([question]) <= config.model.context && symbols(steps) <= config.model.context
  const usable = all.filter((problem) => fits(problem) && problem.steps.length > 0)
  const at = (share: number) => Math.floor(usable.length * share)
  const held = yield* Effect.forEach(tests, (test) =>
    Effect.map(load(test), (read) => [test.split("/").at(-1)!, read.filter(fits).slice(0, config.evaluate)] as const)
  )
  const subject: Subject = {
    name: file,
    tokenizer: words,
    language: format === "prosqa" ? statements : equations,
    train: usable.slice(0, at(0.8)),
    rl: usable.slice(at(0.8), at(0.9)),
    validation: usable.slice(at(0.9), at(0.95)).slice(0, config.evaluate),
    tests: held.length > 0 ? held : [["held out", usable.slice(at(0.95)).slice(0, config.evaluate)]],
    maxSteps: groupsOfFiles
  }
  return {
    subject,
    tooLong: all.length - all.filter(fits).length,
    withoutSteps: all.filter(({ steps }) => steps.length === 0).length
  }
})
