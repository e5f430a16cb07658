/** What training watched of itself, from the metrics of a run. */

/** Figures that claims are judged by, whatever the stage that has them. */
const kept = ["alive", "chosen", "perplexity", "rejected"]

interface Line {
  readonly stage: string
  readonly update: number
  readonly of: number
  readonly figures: Readonly<Record<string, number>>
}

const isLine = (line: Partial<Line>): line is Line => line.figures !== undefined && line.update !== undefined

/** Means over the last tenth of the stages of those names, of the lines of a `metrics.jsonl`. */
export const watchedOf = (metrics: string, stages: ReadonlyArray<string>): Readonly<Record<string, number>> => {
  const lines = metrics
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Partial<Line> => JSON.parse(line))
    .filter(isLine)
    .filter(({ of, stage, update }) => stages.includes(stage) && update > 0.9 * of)
  return Object.fromEntries(
    kept.flatMap((name) => {
      const values = lines.flatMap(({ figures }) => figures[name] ?? [])
      return values.length === 0
        ? []
        : [[name, Number((values.reduce((sum, each) => sum + each, 0) / values.length).toFixed(5))]]
    })
  )
}
