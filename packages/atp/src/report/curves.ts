/** From the metrics of a run to the curves of its report: a chart per stage, in the order in which the stages ran. */
import { type Line, Summary } from "./summary.ts"

/** The metrics of a run's folder. */
export type Metrics = ReadonlyArray<{ readonly stage: string; readonly update: number } & Record<string, unknown>>

type Charts = ReadonlyArray<{ readonly method: string; readonly terms: ReadonlyArray<Line> }>

const lossNames = ["text", "steps", "stop", "divergence"]
const rewardNames = ["reward", "accuracy", "coherence", "validity"]

/** Every so many points of a curve, and the last. */
const thinned = (points: Line["points"]): Line["points"] => {
  const every = Math.ceil(points.length / 150)
  return points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

const figuresOf = (entry: Metrics[number]): Readonly<Record<string, number>> =>
  (entry["figures"] ?? {}) as Readonly<Record<string, number>>

const curves = (entries: Metrics, figures: ReadonlyArray<string>): ReadonlyArray<Line> =>
  figures.flatMap((name) => {
    const points = entries
      .map((entry) => [entry.update, figuresOf(entry)[name] ?? Number.NaN] as const)
      .filter(([, value]) => Number.isFinite(value))
    return points.every(([, value]) => value === 0) ? [] : [{ name, points: thinned(points) }]
  })

const stagesOf = (metrics: Metrics, isReinforced: boolean): ReadonlyArray<Metrics> => {
  const stages = Map.groupBy(metrics, ({ stage }) => stage)
  return [...stages.values()].filter(([first]) => "reward" in figuresOf(first!) === isReinforced)
}

/** Loss terms of every supervised stage. */
export const training = (metrics: Metrics): Charts =>
  stagesOf(metrics, false).map((entries) => ({ method: entries[0]!.stage, terms: curves(entries, lossNames) }))

/** Reward and what goes with it of every reinforced stage, each with the name of its reward, whoever wrote that. */
export const reinforcement = (metrics: Metrics): Charts =>
  stagesOf(metrics, true).map((entries) => ({
    method: `${entries[0]!.stage}: ${String(entries[0]!["phase"])}`,
    terms: curves(entries, rewardNames)
  }))

/** A report of a run's training alone: `html(ofTraining("my run", yield* folder.metrics))`. */
export const ofTraining = (title: string, metrics: Metrics): Summary =>
  new Summary({
    title,
    facts: [],
    training: training(metrics),
    reinforcement: reinforcement(metrics),
    results: [],
    latentUse: [],
    passAtK: [],
    samples: []
  })
