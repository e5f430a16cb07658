/** From the metrics of a run to the curves of its report: a chart per stage, in the order in which the stages ran. */
import { type Line, Summary } from "./summary.ts"

/** The metrics of a run's folder. */
export type Metrics = ReadonlyArray<{ readonly stage: string; readonly update: number } & Record<string, unknown>>

type Charts = ReadonlyArray<{ readonly method: string; readonly terms: ReadonlyArray<Line> }>

/** Figures of a supervised update that are no term of its objective. */
const others = ["total", "norm"]

/** Every so many points of a curve, and the last. */
const thinned = (points: Line["points"]): Line["points"] => {
  const every = Math.ceil(points.length / 150)
  return points.filter((_, i) => i % every === 0 || i === points.length - 1)
}

const figuresOf = (entry: Metrics[number]): Readonly<Record<string, number>> =>
  (entry["figures"] ?? {}) as Readonly<Record<string, number>>

const curve = (entries: Metrics, figure: string, name = figure): Line => ({
  name,
  points: thinned(
    entries
      .map((entry) => [entry.update, figuresOf(entry)[figure] ?? Number.NaN] as const)
      .filter(([, value]) => Number.isFinite(value))
  )
})

const curves = (entries: Metrics, figures: ReadonlyArray<string>): ReadonlyArray<Line> =>
  figures.map((figure) => curve(entries, figure)).filter(({ points }) => points.some(([, value]) => value !== 0))

const stagesOf = (metrics: Metrics, isReinforced: boolean): ReadonlyArray<Metrics> => {
  const stages = Map.groupBy(
    metrics.filter((entry) => "figures" in entry),
    ({ stage }) => stage
  )
  return [...stages.values()].filter(
    (entries) => entries.some((entry) => "reward" in figuresOf(entry)) === isReinforced
  )
}

const namesOf = (entries: Metrics): ReadonlyArray<string> => [
  ...new Set(entries.flatMap((entry) => Object.keys(figuresOf(entry))))
]

/** Loss terms of every supervised stage, by the names that its method gives them. */
export const training = (metrics: Metrics): Charts =>
  stagesOf(metrics, false).map((entries) => ({
    method: entries[0]!.stage,
    terms: curves(
      entries,
      namesOf(entries).filter((name) => !others.includes(name))
    )
  }))

/** Figures of a stage that begin so, with what follows as their name. */
const figuresUnder = (entries: Metrics, prefix: string): ReadonlyArray<readonly [figure: string, name: string]> =>
  namesOf(entries)
    .filter((figure) => figure.startsWith(prefix))
    .map((figure) => [figure, figure.slice(prefix.length)] as const)

/** Other figures of rounds, those of one unit in one chart. */
const units: ReadonlyArray<readonly [unit: string, figures: ReadonlyArray<string>]> = [
  ["share", ["solved", "truncated", "learnt", "clipped", "clipped.low", "clipped.high"]],
  ["entropy in nats", ["answers.entropy", "entropy.latent", "entropy.written"]],
  ["length", ["latents", "symbols"]],
  ["log-ratio and divergence", ["drift", "kl", "divergence"]],
  ["norm of the gradient", ["norm"]]
]

/**
 * Means, deviations and flat groups of every reinforced stage, which has the name of its reward, whoever wrote that: of the
 * reward and of each part of it; and the means of what was watched.
 */
export const reinforcement = (metrics: Metrics): Summary["reinforcement"] =>
  stagesOf(metrics, true).map((entries) => {
    const spread = (ending: ".deviation" | ".flat"): ReadonlyArray<Line> => [
      curve(entries, `reward${ending}`, "reward"),
      ...figuresUnder(entries, "reward/")
        .filter(([figure]) => figure.endsWith(ending))
        .map(([figure, name]) => curve(entries, figure, name.slice(0, -ending.length)))
    ]
    return {
      method: `${entries[0]!.stage}: ${String(entries[0]!["phase"])}`,
      means: [
        ...curves(entries, ["reward", "accuracy"]),
        ...figuresUnder(entries, "reward/")
          .filter(([, name]) => !name.endsWith(".deviation") && !name.endsWith(".flat"))
          .map(([figure, name]) => curve(entries, figure, name)),
        ...figuresUnder(entries, "watch/").map(([figure, name]) => curve(entries, figure, `${name}, watched`))
      ],
      deviations: spread(".deviation"),
      flat: spread(".flat"),
      others: units
        .map(([unit, figures]) => ({ unit, lines: curves(entries, figures) }))
        .filter(({ lines }) => lines.length > 0)
    }
  })

/** What went wrong in a run and what it did about it. */
export const eventsOf = (metrics: Metrics): ReadonlyArray<string> =>
  metrics.filter((entry) => "event" in entry).map(({ message, stage }) => `${stage}: ${String(message)}`)

/**
 * A report of a run's training alone, from the metrics of its folder.
 *
 * @example
 * const metrics = [1, 2].map((update) => ({ stage: "coconut", update, figures: { total: 1 / update, text: 1 / update } }))
 * const { training } = Report.ofTraining("my run", metrics)
 * training // => [{ method: "coconut", terms: [{ name: "text", points: [[1, 1], [2, 0.5]] }] }]
 */
export const ofTraining = (title: string, metrics: Metrics): Summary =>
  new Summary({
    title,
    facts: [],
    findings: [],
    training: training(metrics),
    reinforcement: reinforcement(metrics),
    events: eventsOf(metrics),
    warnings: [...new Set(metrics.flatMap(({ event }) => (typeof event === "string" ? [event] : [])))],
    results: [],
    differences: [],
    latentUse: [],
    passAtK: [],
    samples: [],
    completions: []
  })
