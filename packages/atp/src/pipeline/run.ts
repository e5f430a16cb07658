/** Pipelines at work: in a folder, as a stream, or in memory alone. */
import type { Device } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { completionsOf } from "../report/completions.ts"
import { type Metrics, ofTraining } from "../report/curves.ts"
import { differencesOf } from "../report/differences.ts"
import { html } from "../report/html.ts"
import { Summary } from "../report/summary.ts"
import { answersOf } from "../train/completions.ts"
import { type Experiment, wordingOf } from "../train/experiment.ts"
import type { RunContext } from "../train/stages.ts"
import type { StepReport } from "../train/supervised.ts"
import type { PipelineError } from "./errors.ts"
import { execute } from "./execute.ts"
import { open, openFolder } from "./open.ts"
import { type Outcome, passLine, resultsOf } from "./outcome.ts"
import type { Stated } from "./stated.ts"
import { type Planned, plannedOf } from "./workload.ts"

/** Who is told of what happens in a run, and how often it is saved. */
export interface Listening extends Partial<Pick<RunContext, "judging" | "listen" | "notice" | "stopped">> {
  /** Told once, of what there is to learn from and the sizes that follow from it. */
  readonly opened?: (experiment: Experiment) => Effect.Effect<void>
  /** Told once, of the stages that train and how much work each is. */
  readonly planned?: (stages: ReadonlyArray<Planned>) => Effect.Effect<void>
  /** Updates between two checkpoints; 100 unless given. */
  readonly saveEvery?: number
}

/** A report of a stage, with the name of the stage. */
export interface Report extends Omit<StepReport, "stage"> {
  readonly stage: string
}

type Services = Device.Device | FileSystem.FileSystem

/** A run's context, with those who listen. */
export const contextOf = (
  experiment: RunContext["experiment"],
  folder: RunContext["folder"],
  listening: Listening
): RunContext => {
  const { opened: _, planned: __, ...told } = listening
  return { experiment, folder, listen: () => Effect.void, saveEvery: 100, ...told }
}

const opened = Effect.fnUntraced(function* <E, R>(pipeline: Stated<E, R>, listening: Listening) {
  const found = yield* open(pipeline)
  yield* listening.opened?.(found.experiment) ?? Effect.void
  yield* listening.planned?.(plannedOf(found.jobs, found.experiment)) ?? Effect.void
  return found
})

/** Runs without a folder. */
export const run = <E, R>(
  pipeline: Stated<E, R>,
  listening: Listening = {}
): Effect.Effect<Outcome, PipelineError | E, Services | R> =>
  Effect.gen(function* () {
    const found = yield* opened(pipeline, listening)
    return yield* execute(contextOf(found.experiment, null, listening), found)
  }).pipe(Effect.scoped)

/** Facts of every run, for its report. */
export const factsOf = ({ config, subject }: Experiment): Summary["facts"] => [
  ["task", subject.name],
  ["seed", `${config.seed}`],
  ["judged on", config.heldOut === "test" ? "test questions" : "validation questions"],
  ...(subject.chance === null ? [] : [["accuracy of a guess", `${(100 * subject.chance).toFixed(1)} %`] as const]),
  ["training questions", `${subject.train.length}`],
  ...subject.leftOut.map((what) => ["left out", what] as const),
  ...subject.keptAsText.map((what) => ["kept as text", what] as const)
]

/** What the report of a run says. */
export type Summarise<E, R> = (
  experiment: Experiment,
  outcome: Outcome,
  metrics: Metrics
) => Effect.Effect<Summary, E, R>

const plainly: Summarise<never, never> = (experiment, { evaluations, model, passes }, metrics) =>
  Effect.succeed(
    new Summary({
      ...ofTraining(`${model.method.name} on ${experiment.subject.name}`, metrics),
      facts: factsOf(experiment),
      results: resultsOf(evaluations),
      passAtK: passes.map(passLine)
    })
  )

/** Completions of a stage with the likeliest answers of its model, where the pipeline has that. */
const answered = Effect.fnUntraced(function* (
  experiment: Experiment,
  { models }: Outcome,
  { rows, ...stage }: Summary["completions"][number]
) {
  const model = models[stage.stage]
  if (model === undefined) return { ...stage, rows }
  const { method, parameters, sizes } = model
  const asked = new Map(rows.map(({ gold, question }) => [question, { question, steps: [], answer: gold.answer }]))
  const answers = yield* answersOf(method, sizes, parameters, wordingOf(experiment, method), [...asked.values()])
  return { ...stage, rows: rows.map((row) => ({ ...row, after: answers.get(row.question) ?? null })) }
})

/** Runs in a folder and writes `summary.json` and `report.html` at the end, of what a run comes to. */
export const runIn = <E, R, E2, R2>(
  pipeline: Stated<E, R>,
  path: string,
  listening: Listening,
  summarise: Summarise<E2, R2>
): Effect.Effect<
  { readonly outcome: Outcome; readonly summary: Summary },
  PipelineError | E | E2,
  Exclude<Services | R | R2, Scope.Scope>
> =>
  Effect.gen(function* () {
    const found = yield* opened(pipeline, listening)
    const { experiment } = found
    const folder = yield* openFolder(pipeline, experiment, path)
    const outcome = yield* execute(contextOf(experiment, folder, listening), found)
    const said = yield* summarise(experiment, outcome, yield* folder.metrics)
    const shown = completionsOf(yield* folder.completions)
    const completions = yield* Effect.forEach(shown, (each) => answered(experiment, outcome, each))
    const summary = new Summary({ ...said, differences: differencesOf(said.results), completions })
    yield* folder.write("summary.json", JSON.stringify(summary, null, 2))
    yield* folder.write("report.html", html(summary))
    return { outcome, summary }
  }).pipe(Effect.scoped)

/** Runs in a folder. */
export const into = <E, R>(
  pipeline: Stated<E, R>,
  path: string,
  listening: Listening = {}
): Effect.Effect<Outcome, PipelineError | E, Services | R> =>
  Effect.map(runIn(pipeline, path, listening, plainly), ({ outcome }) => outcome)

/** Runs in a folder; what stages report is a stream. */
export const reports = <E, R>(
  pipeline: Stated<E, R>,
  path: string
): Stream.Stream<Report, PipelineError | E, Services | R> =>
  Stream.callback<Report, PipelineError | E, Services | R>((queue) =>
    into(pipeline, path, {
      listen: (stage, report) => Effect.asVoid(Queue.offer(queue, { ...report, stage }))
    }).pipe(Effect.andThen(Queue.end(queue)))
  )
