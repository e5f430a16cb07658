/** What commands do: open a run, train its stages, evaluate, report. */
import { Device } from "@noema/tensor"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { createHash } from "node:crypto"
import { type DataError, NothingToLearn, type Use } from "../data/errors.ts"
import { recipe, rewardNames } from "../rewards/recipes.ts"
import { readCheckpoint } from "../checkpoint/checkpoint.ts"
import { newestOf, type NoStage } from "../checkpoint/stage.ts"
import { OtherData } from "../train/errors.ts"
import { evaluate, type Evaluation, passCurve } from "../evaluate/evaluate.ts"
import { guessing } from "../evaluate/guess.ts"
import { latentUse } from "../evaluate/metrics.ts"
import { atpLatent } from "../methods/atpLatent.ts"
import { cot } from "../methods/cot.ts"
import { type MethodName, methods } from "../methods/registry.ts"
import { noCot } from "../methods/noCot.ts"
import { simCot } from "../methods/simCot.ts"
import { derive, fromSeed } from "../random/key.ts"
import { updatesAfterWarmStart } from "../layout/layout.ts"
import type { Method } from "../method/method.ts"
import { type Generator, generator, type GenerateOptions } from "../rollout/generate.ts"
import { answers, type SearchName, searches } from "../search/search.ts"
import { coherence } from "../rewards/coherence.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import { chainSolves, goldStepMatch, stepValidity } from "../rewards/steps.ts"
import { eventsOf, reinforcement, training } from "../report/curves.ts"
import { html } from "../report/html.ts"
import { type Judged, tableOf } from "../report/table.ts"
import { type Result, type Sample, Summary } from "../report/summary.ts"
import type { UnreadableFile } from "../input/file.ts"
import { plain } from "../input/shown.ts"
import type { WriteFailed } from "../run/atomic.ts"
import { openRun, type OtherRun, type SavedRun, type SpoiltRun } from "../run/folder.ts"
import type { FolderInUse, FolderLost } from "../run/lock.ts"
import { saveTokenizer } from "../text/save.ts"
import type { RunConfig } from "../train/config.ts"
import { type Experiment, experiment, firstParameters, phasesOf, warmPhases, wordingOf } from "../train/experiment.ts"
import {
  extendStage,
  parametersAfter,
  reinforcementOf,
  reinforceStage,
  type RunContext,
  type RunError,
  type RunServices,
  superviseStage,
  updatesWorth
} from "../train/pipeline.ts"
import { overridesOf } from "../train/overrides.ts"
import { type Held, hold } from "../method/held.ts"
import { parametersIn } from "../train/state.ts"
import { checkFits, type TooLarge, worksOf } from "../train/plan.ts"
import { namedBy, type Subject } from "../train/subject.ts"
import { countOf } from "../weights/tree.ts"
import { progress } from "./progress.ts"

/** That of the package. */
export const version = "0.1.0"
const saveEvery = 100

/** The subject of a config: its generated task, or its data file. */
export const subjectOf = (
  config: RunConfig,
  tests: ReadonlyArray<string>
): Effect.Effect<Subject, DataError, FileSystem.FileSystem> => {
  return namedBy(config, tests, fromSeed(config.seed))
}

/** What tells the problems of one subject from those of another. */
const fingerprint = ({ rl, tests, train }: Subject): string =>
  createHash("sha256")
    .update(JSON.stringify([train, rl, tests]))
    .digest("hex")
    .slice(0, 16)

/** Whether two descriptions are of one device, of which one may add in brackets why it was chosen. */
const isSame = (a: string, b: string): boolean => a === b || a.startsWith(`${b} (`) || b.startsWith(`${a} (`)

/** Whether what a run was begun with is what there is now; another device is told of and taken. */
const checkBegun = Effect.fnUntraced(function* ({ begunWith, path }: SavedRun, subject: Subject, device: string) {
  const { data, device: begunOn } = begunWith
  if (data !== undefined && data !== fingerprint(subject))
    return yield* new OtherData({ folder: path, data: subject.name })
  if (begunOn !== undefined && !isSame(begunOn, device))
    process.stderr.write(`begun on ${plain(begunOn)}, going on with ${device}: the last bits will differ\n`)
})

/** The experiment of a config, of which the device can hold what it is for. */
const experimentOf = Effect.fnUntraced(function* (
  config: RunConfig,
  subject: Subject,
  uses: ReadonlyArray<Use>
): Effect.fn.Return<Experiment, TooLarge, Device.Device> {
  const made = experiment(config, subject, fromSeed(config.seed))
  yield* Effect.forEach(worksOf(made, uses), checkFits)
  return made
})

/** Says what there is to learn from, and what of the files has no part in it. */
const introduce = ({ context, subject }: Experiment): void => {
  const noted = [
    ["left out", subject.leftOut],
    ["kept as text", subject.keptAsText]
  ] as const
  process.stderr.write(
    `${plain(subject.name)}: ${subject.train.length} training questions of up to ${context} symbols` +
      `${noted.map(([name, what]) => (what.length > 0 ? `; ${name}: ${what.join(", ")}` : "")).join("")}\n`
  )
}

const saidSaved = (stage: string, made: number, of: number): Effect.Effect<void> =>
  Console.error(`\n${stage} is saved at update ${made} of ${of}`)

/** A run that was begun, with its experiment, to be looked at. */
export interface ReadContext {
  readonly experiment: Experiment
  readonly folder: SavedRun
}

/** The experiment of a run that was begun; nothing is written to its folder, in which another process may train. */
export const readContext = Effect.fnUntraced(function* (
  config: RunConfig,
  tests: ReadonlyArray<string>,
  folder: SavedRun
): Effect.fn.Return<ReadContext, DataError | OtherData | TooLarge, RunServices> {
  const device = yield* Device.Device
  const subject = yield* subjectOf(config, tests)
  yield* checkBegun(folder, subject, device.description)
  const made = yield* experimentOf(config, subject, [])
  introduce(made)
  return { experiment: made, folder }
})

/**
 * Opens the folder of a run to train in it and puts its experiment together; there must be problems for all that it is to
 * do. The folder is kept from other processes until the scope closes.
 */
export const openContext = Effect.fnUntraced(function* (
  config: RunConfig,
  tests: ReadonlyArray<string>,
  out: string,
  uses: ReadonlyArray<Use>
): Effect.fn.Return<
  RunContext,
  DataError | FolderInUse | FolderLost | OtherData | OtherRun | SpoiltRun | TooLarge | UnreadableFile | WriteFailed,
  RunServices
> {
  const device = yield* Device.Device
  const subject = yield* subjectOf(config, tests)
  const there = { training: subject.train, reinforcement: subject.rl }
  const use = uses.find((each) => there[each].length === 0)
  if (use !== undefined) return yield* new NothingToLearn({ file: subject.name, use, leftOut: subject.leftOut })
  const made = yield* experimentOf(config, subject, uses)
  const versions = { noema: version, node: process.version, device: device.description, data: fingerprint(subject) }
  const folder = yield* openRun(out, { ...config, tests }, versions)
  yield* checkBegun(folder, subject, device.description)
  yield* saveTokenizer(folder.file("vocabulary.json"), subject.tokenizer)
  introduce(made)
  return { experiment: made, folder, listen: progress(device.description), stopped: saidSaved, saveEvery }
})

/** The warm start that all methods share. */
const warmStage = (context: RunContext) =>
  superviseStage(
    context,
    "warm-start",
    cot,
    warmPhases(context.experiment),
    firstParameters(context.experiment, cot),
    // Curricula go on from here at the full rate.
    { cools: false }
  )

/** Trains a method: the warm start all methods share, then its own curriculum. */
export const trainMethod = Effect.fnUntraced(function* (
  context: RunContext,
  name: MethodName
): Effect.fn.Return<Held, RunError, RunServices> {
  const { experiment } = context
  const method: Method = methods[name]
  const warm = yield* warmStage(context)
  const shared = Object.entries(yield* parametersAfter(warm)).filter(([part]) => part === "backbone")
  const start = { ...firstParameters(experiment, method), ...Object.fromEntries(shared) }
  return yield* superviseStage(context, name, method, phasesOf(experiment, method), start)
})

/** Reinforces a method after training it. */
export const reinforceMethod = Effect.fnUntraced(function* (
  context: RunContext,
  name: MethodName
): Effect.fn.Return<Held, RunError, RunServices> {
  const trained = yield* trainMethod(context, name)
  return yield* reinforceStage(context, `${name}-rl`, methods[name], yield* parametersAfter(trained), {
    watch: watched
  })
})

/** What is watched in reinforcement, and what attempts at held-out questions are judged by beside their answers. */
const watched = [coherence("strict"), stepValidity]
const judgedBy = [coherence("strict"), coherence("code"), stepValidity, goldStepMatch, chainSolves]

const greedy = (questions: number): GenerateOptions => ({
  latents: "mean",
  stops: "likely",
  answers: "greedy",
  questions,
  texts: "greedy"
})

/** A generator of a held model that takes latents at their mean, or samples them. */
export const generatorOf = (
  experiment: Experiment,
  held: Held,
  latents: "mean" | "sampled" = "mean"
): Effect.Effect<Generator, RunError, RunServices> =>
  generator(held, wordingOf(experiment, held.method), {
    ...greedy(Math.min(100, experiment.config.evaluate)),
    latents
  })

/** An evaluation, and what a guess gets on its set. */
export interface Evaluated extends Evaluation {
  readonly chance: number
}

/** Evaluates a method on all held-out sets. */
export const evaluateMethod = Effect.fnUntraced(function* (
  experiment: Experiment,
  held: Held,
  latents: "mean" | "sampled"
): Effect.fn.Return<ReadonlyArray<Evaluated>, RunError, RunServices> {
  const made = yield* generatorOf(experiment, held, latents)
  const { chance, tests, train } = experiment.subject
  return yield* Effect.forEach(tests, ([set, problems]) =>
    Effect.map(evaluate(made, set, problems, derive(experiment.key, "evaluate", set), judgedBy), (evaluation) => ({
      ...evaluation,
      chance: guessing(train, problems, chance)
    }))
  )
})

/** The share of right answers on all held-out sets where each is searched for among attempts with sampled latents. */
export const searchMethod = Effect.fnUntraced(function* (
  experiment: Experiment,
  held: Held,
  search: SearchName,
  attempts: number
): Effect.fn.Return<ReadonlyArray<Judged>, RunError, RunServices> {
  const sampler = yield* generatorOf(experiment, held, "sampled")
  const plan = { search: searches[search], attempts, scorer: coherence("strict") }
  return yield* Effect.forEach(experiment.subject.tests, ([set, problems]) =>
    Effect.map(answers(sampler, plan, problems, derive(experiment.key, "search", set)), (found) => {
      const right = found.filter((answer, i) => answer !== null && sameAnswer(answer, problems[i]!.answer)).length
      const { chance, train } = experiment.subject
      const accuracy = right / Math.max(1, problems.length)
      return { set, problems: problems.length, accuracy, chance: guessing(train, problems, chance) }
    })
  )
})

/** An evaluation as the report shows it. */
export const resultOf = (method: string, latents: Result["latents"], evaluation: Evaluated): Result => ({
  method,
  set: evaluation.set,
  latents,
  problems: evaluation.problems,
  accuracy: evaluation.accuracy,
  chance: evaluation.chance,
  tokens: evaluation.tokens,
  chains: evaluation.rollouts.every(({ steps }) => steps.length === 0)
    ? null
    : { watched: Object.entries(evaluation.watched), adaptivity: evaluation.adaptivity },
  byDifficulty: evaluation.byDifficulty.map(({ accuracy, problems, steps, tokens }) => ({
    steps,
    problems,
    accuracy,
    tokens
  }))
})

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const shownSamples = 8

/** The main job: SIM-CoT and ATP-Latent with the same budget, reinforcement, evaluation, and the report. */
export const demo = Effect.fnUntraced(function* (
  context: RunContext
): Effect.fn.Return<{ readonly table: string; readonly report: string }, RunError, RunServices> {
  const { experiment, folder } = context
  const begun = performance.now()
  const device = yield* Device.Device
  const results: Array<Result> = []
  const assess = Effect.fnUntraced(function* (name: string, method: Method, held: Held) {
    const thinks = method.layout.thinks && method.partNames.includes("latent")
    const evaluations = yield* Effect.scoped(evaluateMethod(experiment, held, "mean"))
    results.push(...evaluations.map((each) => resultOf(name, thinks ? "mean" : "none", each)))
    if (thinks)
      results.push(
        ...(yield* Effect.scoped(evaluateMethod(experiment, held, "sampled"))).map((each) =>
          resultOf(name, "sampled", each)
        )
      )
    return evaluations
  })

  yield* assess(cot.name, cot, yield* trainMethod(context, "cot"))
  yield* assess(noCot.name, noCot, yield* trainMethod(context, "no-cot"))
  yield* assess(simCot.name, simCot, yield* trainMethod(context, "sim-cot"))
  const supervisedModel = yield* trainMethod(context, "atp-latent")
  const before = yield* assess(atpLatent.name, atpLatent, supervisedModel)
  const start = yield* parametersAfter(supervisedModel)
  const extended = yield* extendStage(context, "atp-latent-more", atpLatent, start)
  yield* assess(`${atpLatent.name} + more supervised`, atpLatent, extended)
  const { coherence, controls, group, questions, rounds, weights } = experiment.config.reinforcement
  for (const name of controls) {
    const control = yield* reinforceStage(context, `atp-latent-${name}`, atpLatent, start, {
      reward: recipe(name, coherence, weights),
      watch: watched
    })
    yield* assess(`${atpLatent.name} + ${name} reward`, atpLatent, control)
  }
  const reinforced = yield* reinforceStage(context, "atp-latent-rl", atpLatent, start, { watch: watched })
  const after = yield* assess(`${atpLatent.name} + RL`, atpLatent, reinforced)

  const asked = (experiment.subject.tests[0]?.[1] ?? []).slice(0, 40)
  const passes = yield* Effect.forEach(
    [
      ["supervised", supervisedModel],
      ["reinforced", reinforced]
    ] as const,
    Effect.fnUntraced(function* ([name, held]) {
      const sampler = yield* generator(held, wordingOf(experiment, atpLatent), {
        ...greedy(Math.min(100, experiment.config.evaluate)),
        latents: "sampled",
        texts: "none",
        policy: ({ explore, policy }) => explore ?? policy,
        exploration: reinforcementOf(experiment, atpLatent)!.exploration
      })
      return {
        name,
        points: yield* passCurve(sampler, asked, experiment.config.attempts, derive(experiment.key, "pass", name))
      }
    })
  )

  const { chance, keptAsText, leftOut } = experiment.subject
  const { warmStart } = experiment.budget
  const metrics = yield* folder.metrics
  const seconds = (performance.now() - begun) / 1000
  const samples = (before[0]?.rollouts ?? []).slice(0, shownSamples).map((first, i): Sample => {
    const later = after[0]!.rollouts[i]!
    return {
      question: first.problem.question,
      expected: first.problem.answer,
      gold: first.problem.steps,
      before: { steps: first.steps, answer: first.answer },
      after: { steps: later.steps, answer: later.answer }
    }
  })
  const summary = new Summary({
    title: `ATP-Latent on ${experiment.subject.name}`,
    facts: [
      ["task", experiment.subject.name],
      ["seed", `${experiment.config.seed}`],
      ["judged on", experiment.config.heldOut === "test" ? "test questions" : "validation questions"],
      ...(chance === null ? [] : [["accuracy of a guess", percent(chance)] as const]),
      ["training questions", `${experiment.subject.train.length}`],
      ...leftOut.map((what) => ["left out", what] as const),
      ...keptAsText.map((what) => ["kept as text", what] as const),
      ["parameters", `${countOf(start)}`],
      [
        "supervised updates",
        `${warmStart} on written chains, then ${updatesAfterWarmStart(experiment.budget)} for each method`
      ],
      ["more supervised updates", `${updatesWorth(experiment, atpLatent, start)}, as much work as reinforcement`],
      ["rounds of reinforcement", `${rounds} of ${questions} questions, ${group} attempts each`],
      ["device", device.description],
      ["time", `${seconds.toFixed(0)} s since the last start`],
      ["reward of reinforcement", experiment.config.reinforcement.reward],
      ...overridesOf(atpLatent.reinforcement!, reinforcementOf(experiment, atpLatent)!).map(
        (override) => ["not as the method says", override] as const
      )
    ],
    training: training(metrics),
    reinforcement: reinforcement(metrics),
    events: eventsOf(metrics),
    results,
    // Benchmarks that give answers alone do not say how many steps there are.
    latentUse: latentUse(after.flatMap(({ rollouts }) => rollouts).filter(({ problem }) => problem.steps.length > 0)),
    passAtK: passes,
    samples
  })
  yield* folder.write("summary.json", JSON.stringify(summary, null, 2))
  yield* folder.write("report.html", html(summary))
  return { table: tableOf(results), report: folder.file("report.html") }
})

/** Stages of reinforcement end in `rl` or, as controls, in the name of a reward. */
const reinforced = new RegExp(`-(rl|${rewardNames.join("|")})$`)

/** The method of a stage: `atp-latent`, `atp-latent-rl`, `atp-latent-more`. */
export const methodOfStage = (stage: string): Method => {
  const name = stage.replace(reinforced, "").replace(/-more$/, "")
  if (name === "warm-start") return cot
  return Object.hasOwn(methods, name) ? methods[name as MethodName] : atpLatent
}

/** A model from a stage's checkpoint in a run's folder, on the device and ready to generate. */
export const holdStage = Effect.fnUntraced(function* (
  { experiment, folder }: ReadContext,
  stage: string,
  method: Method
): Effect.fn.Return<Held, RunError | NoStage, RunServices> {
  const file = yield* newestOf(folder.path, stage)
  yield* readCheckpoint(file)
  return yield* hold(method, experiment.sizes, yield* parametersIn(file, firstParameters(experiment, method)))
})
