/** What is learned: training and held-out problems, how their steps are written, and the tokenizer. */
import * as Effect from "effect/Effect"
import { arithmetic, easyArithmetic } from "../data/arithmetic.ts"
import { equations } from "../data/equation.ts"
import { census } from "../data/gsm8k.ts"
import { formatOf, load } from "../data/load.ts"
import type { Problem, StepLanguage } from "../data/problem.ts"
import { statements } from "../data/prosqa.ts"
import { evaluationSet, problems } from "../data/splits.ts"
import { evaluationSets, type Task } from "../data/task.ts"
import { walk } from "../data/walk.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { corpusVocabulary, fixedVocabulary, type Tokenizer } from "../text/tokenizer.ts"
import type { RunConfig } from "./config.ts"

/** What a run learns and is judged on. */
export interface Subject {
  readonly name: string
  readonly tokenizer: Tokenizer
  readonly language: StepLanguage
  readonly train: ReadonlyArray<Problem>
  /** Questions for reinforcement, which supervised training has not seen. */
  readonly rl: ReadonlyArray<Problem>
  /** Held-out sets by name: the test sets, or the validation questions where a run is to choose settings. */
  readonly tests: ReadonlyArray<readonly [name: string, problems: ReadonlyArray<Problem>]>
  /** Latent groups at most. */
  readonly maxSteps: number
  /** Accuracy of a guess, where it is known. */
  readonly chance: number | null
  /** What of the files does not take part, in words. */
  readonly leftOut: ReadonlyArray<string>
  /** What of the files takes part as it is although it cannot be judged, in words. */
  readonly keptAsText: ReadonlyArray<string>
}

/** The generated task a config names. */
export const taskOf = (config: RunConfig): Task =>
  config.task === "walk" ? walk(config.walk) : arithmetic(config.task === "easy" ? easyArithmetic : config.arithmetic)

/** A generated task as a subject, with the five held-out sets. */
export const generated = (config: RunConfig, key: Key): Subject => {
  const task = taskOf(config)
  const draw = (split: "train" | "rl" | "validation", count: number) =>
    problems(task, { split, variant: "train", count, key: derive(key, "data", split) })
  const validation = draw("validation", config.evaluate)
  return {
    name: task.name,
    tokenizer: fixedVocabulary(task.symbols),
    language: task.language,
    train: draw("train", config.supervised.problems),
    rl: draw("rl", Math.max(64, config.reinforcement.questions * config.reinforcement.rounds)),
    tests:
      config.heldOut === "validation"
        ? [["validation", validation]]
        : evaluationSets.map((set) => [set, evaluationSet(task, set, config.evaluate, key)] as const),
    maxSteps: task.steps.train,
    chance: task.chance,
    leftOut: [],
    keptAsText: []
  }
}

/** Consecutive parts with these shares of the whole, and the rest as the last part. */
const divided = <A>(all: ReadonlyArray<A>, shares: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<A>> => {
  const ends = shares.map((_, i) => Math.floor(all.length * shares.slice(0, i + 1).reduce((sum, x) => sum + x, 0)))
  return [...ends, all.length].map((end, i) => all.slice(ends[i - 1] ?? 0, end))
}

/** Chains of word problems are rarely longer; later steps share the last group. */
const groupsOfFiles = 6

/**
 * A data file as a subject: a tenth is held out for reinforcement, a twentieth for validation and, unless test files are
 * given, another for testing. Problems that do not fit the context are left out and counted, those of tests as well; steps
 * that cannot be read are kept and counted.
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
    config.model.vocabulary
  )
  const symbols = (texts: ReadonlyArray<string>) => texts.reduce((sum, text) => sum + words.encode(text).length + 1, 0)
  const { context, groupSymbols } = config.model
  const fits = ({ answer, question, steps }: Problem) =>
    symbols([question]) <= context &&
    symbols([answer]) <= context &&
    symbols(steps) <= context &&
    [...steps.slice(0, groupsOfFiles - 1).map((step) => [step]), steps.slice(groupsOfFiles - 1)].every(
      (group) => symbols(group) <= groupSymbols
    )
  const usable = all.filter((problem) => fits(problem) && problem.steps.length > 0)
  const given = yield* Effect.forEach(tests, (test) => Effect.map(load(test), (read) => ({ test, read })))
  const asked = given.map(({ read, test }) => ({
    name: test.split("/").at(-1)!,
    problems: read.filter(({ question }) => symbols([question]) <= context),
    of: read.length
  }))
  const [rl, validation, test, train] = divided(usable, [0.1, 0.05, given.length > 0 ? 0 : 0.05])
  const few = (problems: ReadonlyArray<Problem>) => problems.slice(0, config.evaluate)
  const longer = all.length - all.filter(fits).length
  const without = all.filter(({ steps }) => steps.length === 0).length
  const counted = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}`])
  const language = format === "prosqa" ? statements : equations
  const { steps, unreadableChains, unreadableSteps } = census(all, language)
  const subject: Subject = {
    name: file,
    tokenizer: words,
    language,
    train: train!,
    rl: rl!,
    tests:
      config.heldOut === "validation"
        ? [["validation", few(validation!)]]
        : given.length > 0
          ? asked.map(({ name, problems }) => [name, few(problems)] as const)
          : [["held out", few(test!)]],
    maxSteps: groupsOfFiles,
    chance: null,
    leftOut: [
      ...counted(longer, `problems longer than ${context} symbols, or ${groupSymbols} in a latent group`),
      ...counted(without, "problems without steps"),
      ...asked.flatMap(({ name, of, problems }) => counted(of - problems.length, `of ${of} questions of ${name}`))
    ],
    keptAsText: counted(
      unreadableSteps,
      `of ${steps} steps, in ${unreadableChains} chains, that are not ${format === "prosqa" ? "facts" : "arithmetic"}`
    )
  }
  return subject
})
