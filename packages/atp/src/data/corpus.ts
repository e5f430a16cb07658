/** Data sets of problems that are there: from files, from a stream, or a list of them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { derive, draws } from "../random/key.ts"
import { corpusVocabulary } from "../text/tokenizer.ts"
import { equations } from "./equation.ts"
import { type DataError, EmptyData, MalformedLine, UnreadableData } from "./errors.ts"
import { census } from "./gsm8k.ts"
import { lines } from "./lines.ts"
import { formatOf, load, mostProblems } from "./load.ts"
import type { Problem, StepLanguage } from "./problem.ts"
import { statements } from "./prosqa.ts"
import type { Dataset, Task } from "./task.ts"

type Problems<E, R> = Effect.Effect<ReadonlyArray<Problem<never>>, E, R>

/** What is known of a data set beside its problems. */
export interface CorpusOptions {
  /** How its steps are written; as equations unless told. */
  readonly language?: StepLanguage
  /** What a step is called if it is well written: "arithmetic", "facts". */
  readonly steps?: string
  /** Latent groups at most; chains are rarely longer than 6, and later steps share the last group. */
  readonly maxSteps?: number
}

/** Consecutive parts with these shares of the whole, and the rest as the last part. */
const divided = <A>(all: ReadonlyArray<A>, shares: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<A>> => {
  const ends = shares.map((_, i) => Math.floor(all.length * shares.slice(0, i + 1).reduce((sum, x) => sum + x, 0)))
  return [...ends, all.length].map((end, i) => all.slice(ends[i - 1] ?? 0, end))
}

/**
 * A data set of given problems: a tenth is held out for reinforcement, a twentieth for validation and, unless test sets are
 * given, another for testing. Problems that do not fit the context are left out and counted, those of tests as well; steps
 * that cannot be read are kept and counted.
 */
const corpus = <E, R>(
  name: string,
  problems: Problems<E, R>,
  tests: ReadonlyArray<readonly [name: string, problems: Problems<E, R>]>,
  { language = equations, maxSteps = 6, steps: stepsAre = "arithmetic" }: CorpusOptions
): Task<E, R> => ({
  name,
  open: Effect.fnUntraced(function* ({ context, groupSymbols, heldOut, vocabulary }, key) {
    const all = draws(derive(key, "data")).shuffle(yield* problems)
    const words = corpusVocabulary(
      all.flatMap(({ answer, question, steps }) => [question, ...steps, answer]),
      vocabulary
    )
    const symbols = (texts: ReadonlyArray<string>) =>
      texts.reduce((sum, text) => sum + words.encode(text).length + 1, 0)
    const fits = ({ answer, question, steps }: Problem) =>
      symbols([question]) <= context &&
      symbols([answer]) <= context &&
      symbols(steps) <= context &&
      [...steps.slice(0, maxSteps - 1).map((step) => [step]), steps.slice(maxSteps - 1)].every(
        (group) => symbols(group) <= groupSymbols
      )
    const usable = all.filter((problem) => fits(problem) && problem.steps.length > 0)
    const given = yield* Effect.forEach(tests, ([test, read]) => Effect.map(read, (read) => ({ test, read })))
    const asked = given.map(({ read, test }) => ({
      name: test,
      problems: read.filter(({ question }) => symbols([question]) <= context),
      of: read.length
    }))
    const [rl, validation, test, train] = divided(usable, [0.1, 0.05, given.length > 0 ? 0 : 0.05])
    const few = (problems: ReadonlyArray<Problem<never>>) => problems.slice(0, heldOut)
    const longer = all.length - all.filter(fits).length
    const without = all.filter(({ steps }) => steps.length === 0).length
    const counted = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}`])
    const { steps, unreadableChains, unreadableSteps } = census(all, language)
    const dataset: Dataset = {
      name,
      tokenizer: words,
      language,
      train: train!,
      rl: rl!,
      validation: few(validation!),
      tests:
        given.length > 0
          ? asked.map(({ name, problems }) => [name, few(problems)] as const)
          : [["held out", few(test!)]],
      maxSteps,
      chance: null,
      leftOut: [
        ...counted(longer, `problems longer than ${context} symbols, or ${groupSymbols} in a latent group`),
        ...counted(without, "problems without steps"),
        ...asked.flatMap(({ name, of, problems }) => counted(of - problems.length, `of ${of} questions of ${name}`))
      ],
      keptAsText: counted(unreadableSteps, `of ${steps} steps, in ${unreadableChains} chains, that are not ${stepsAre}`)
    }
    return dataset
  })
})

/** All problems of a source, a million at most. */
const collected = <E, R>(
  name: string,
  problems: Stream.Stream<Problem<never>, E, R>
): Problems<E | EmptyData | UnreadableData, R> =>
  Effect.gen(function* () {
    const all = yield* problems.pipe(Stream.take(mostProblems + 1), Stream.runCollect)
    if (all.length > mostProblems)
      return yield* new UnreadableData({ file: name, reason: `expected at most ${mostProblems} problems, found more` })
    return all.length === 0 ? yield* new EmptyData({ file: name }) : all
  })

/**
 * A small data set: the problems themselves. A tenth is held out for reinforcement, a twentieth for validation and, unless test
 * sets are given, another for testing. Opened, it fails with `EmptyData` where there are no problems.
 *
 * @example
 * const task = Task.of("sums", Array.from({ length: 40 }, () => problem))
 * const wanted = { train: 40, rl: 4, heldOut: 2, context: 80, groupSymbols: 20, vocabulary: 100 }
 * const { rl, train, validation } = yield* task.open(wanted, Key.fromSeed(1))
 * [train.length, rl.length, validation.length] // => [32, 4, 2]
 * yield* Task.of("nothing", []).open(wanted, Key.fromSeed(1)) // fails nothing holds no problems
 */
export const of = (
  name: string,
  problems: ReadonlyArray<Problem<never>>,
  options: CorpusOptions & { readonly tests?: Readonly<Record<string, ReadonlyArray<Problem<never>>>> } = {}
): Task<EmptyData | UnreadableData> =>
  fromStream(name, Stream.fromIterable(problems), {
    ...options,
    tests: Object.fromEntries(
      Object.entries(options.tests ?? {}).map(([test, problems]) => [test, Stream.fromIterable(problems)])
    )
  })

/**
 * A data set from streams of problems, one to learn from and any number to be tested on: divided as that of `Task.of`. Opened,
 * it fails as the streams do, and with `EmptyData` where one has no problems.
 *
 * @example
 * const tests = { sums: Stream.make(problem) }
 * const task = Task.fromStream("streamed", Stream.fromIterable(Array.from({ length: 20 }, () => problem)), { tests })
 * const wanted = { train: 20, rl: 2, heldOut: 1, context: 80, groupSymbols: 20, vocabulary: 100 }
 * const data = yield* task.open(wanted, Key.fromSeed(1))
 * data.tests.map(([name, problems]) => [name, problems.length]) // => [["sums", 1]]
 */
export const fromStream = <E, R>(
  name: string,
  problems: Stream.Stream<Problem<never>, E, R>,
  options: CorpusOptions & { readonly tests?: Readonly<Record<string, Stream.Stream<Problem<never>, E, R>>> } = {}
): Task<E | EmptyData | UnreadableData, R> =>
  corpus(
    name,
    collected(name, problems),
    Object.entries(options.tests ?? {}).map(([test, stream]) => [test, collected(test, stream)] as const),
    options
  )

/**
 * A data set from the lines of a text file, read one by one; the first that is not what was `expected` fails with its number.
 *
 * @example
 * writeFileSync(`${folder}/sums.csv`, "1+2,3\n4")
 * const read = (line: string) => {
 *   const [sum, answer] = line.split(",")
 *   return answer === undefined ? null : { question: sum, steps: [`<<${sum}=${answer}>>`], answer }
 * }
 * const task = Task.fromLines(`${folder}/sums.csv`, { expected: "sum,answer", read })
 * const wanted = { train: 1, rl: 0, heldOut: 0, context: 80, groupSymbols: 20, vocabulary: 100 }
 * const failed = yield* Effect.flip(task.open(wanted, Key.fromSeed(1)))
 * failed.message.replace(folder, "") // => "/sums.csv, line 2: expected sum,answer, found \"4\""
 */
export const fromLines = (
  file: string,
  {
    expected,
    read,
    ...options
  }: CorpusOptions & {
    readonly expected: string
    /** The problem a line holds; null where it holds none. */
    readonly read: (line: string) => Problem<never> | null
  }
): Task<MalformedLine | EmptyData | UnreadableData, FileSystem.FileSystem> =>
  fromStream(
    file,
    Stream.mapEffect(lines(file), ({ number, text }) => {
      const problem = read(text)
      return problem === null
        ? Effect.fail(new MalformedLine({ file, line: number, expected, found: text }))
        : Effect.succeed(problem)
    }),
    options
  )

/**
 * Options of a run on a file where nothing else is said: word problems are long and their vocabulary is large, so a wider
 * model, smaller batches, and all of the test files.
 */
export const defaultsForFiles = {
  model: { width: 96, layers: 3, hidden: 256, context: 80, groupSymbols: 20 },
  supervised: { batch: 32, warmStart: 1200, perStage: 50, final: 200, learningRate: 0.0015, warmup: 100 },
  reinforcement: { rounds: 20, questions: 16, group: 8, minibatch: 128, learningRate: 0.0001 },
  evaluate: 2000
}

/**
 * A data file in any form that is known (GSM8K as published, its equation form, questions with answers alone, ProsQA), with
 * files to be tested on. Opened, it fails with `UnreadableData`, `EmptyData`, `MalformedLine` or `AnswerNotANumber`.
 *
 * @example
 * writeFileSync(`${folder}/train.txt`, "What is 2+3, doubled?||<<2+3=5>> <<5*2=10>> #### 10\n".repeat(20))
 * const task = Task.fromFiles(`${folder}/train.txt`)
 * const wanted = { train: 20, rl: 2, heldOut: 1, context: 80, groupSymbols: 20, vocabulary: 100 }
 * const data = yield* task.open(wanted, Key.fromSeed(1))
 * data.train[0].steps // => ["<<2+3=5>>", "<<5*2=10>>"]
 */
export const fromFiles = (file: string, tests: ReadonlyArray<string> = []): Task<DataError, FileSystem.FileSystem> => ({
  name: file,
  run: defaultsForFiles,
  open: (wanted, key) =>
    Effect.flatMap(formatOf(file), (format) =>
      corpus(
        file,
        load(file),
        tests.map((test) => [test.split("/").at(-1)!, load(test)] as const),
        format === "prosqa" ? { language: statements, steps: "facts" } : {}
      ).open(wanted, key)
    )
})
