import * as Schema from "effect/Schema"
import { CardFigures } from "./card.ts"

const Points = Schema.Array(Schema.Tuple([Schema.Finite, Schema.Finite]))

/** A line of a chart: its name and its points, x ascending. */
export const Line = Schema.Struct({ name: Schema.String, points: Points })
/** A line of a chart, as plain data. */
export type Line = typeof Line.Type

/** pass@k against k: shares, the bounds of their intervals over questions, and how many questions and attempts at each. */
export const PassLine = Schema.Struct({
  ...Line.fields,
  bounds: Schema.optionalKey(Points),
  questions: Schema.optionalKey(Schema.Int),
  attempts: Schema.optionalKey(Schema.Int)
})
/** pass@k against k, as plain data. */
export type PassLine = typeof PassLine.Type

/** What one trained method did on one evaluation set. */
export const Result = Schema.Struct({
  method: Schema.String,
  set: Schema.String,
  /** How latents were taken: at their mean or sampled. */
  latents: Schema.Literals(["mean", "sampled", "none"]),
  problems: Schema.Int,
  accuracy: Schema.Finite,
  /** Accuracy without reading the questions. */
  chance: Schema.Finite,
  tokens: Schema.Finite,
  /** What written or decoded steps are like, or null where there are none. */
  chains: Schema.NullOr(
    Schema.Struct({
      /** Means of the rewards that attempts were judged by, in their order. */
      watched: Schema.Array(Schema.Tuple([Schema.String, Schema.Finite])),
      /** Rank correlation of steps made with gold steps. */
      adaptivity: Schema.Finite
    })
  ),
  byDifficulty: Schema.Array(
    Schema.Struct({ steps: Schema.Int, problems: Schema.Int, accuracy: Schema.Finite, tokens: Schema.Finite })
  ),
  /** A digest of the questions in their order, and for each of them 1 where its answer is right and 0 where it is not. */
  asked: Schema.String,
  outcomes: Schema.String,
  /** The causal card, where it was asked for. */
  card: Schema.NullOr(CardFigures)
})
/** What one trained method did on one evaluation set, as plain data. */
export type Result = typeof Result.Type

/** How much more accurate one row is than another on the same questions, with the interval of the paired bootstrap. */
export const Difference = Schema.Struct({
  set: Schema.String,
  row: Schema.String,
  against: Schema.String,
  mean: Schema.Finite,
  low: Schema.Finite,
  high: Schema.Finite,
  /** Questions. */
  of: Schema.Int
})
/** A difference in accuracy, as plain data. */
export type Difference = typeof Difference.Type

/** One question as reasoned about before and after reinforcement. */
export const Sample = Schema.Struct({
  question: Schema.String,
  expected: Schema.String,
  gold: Schema.Array(Schema.String),
  before: Schema.Struct({ steps: Schema.Array(Schema.String), answer: Schema.NullOr(Schema.String) }),
  after: Schema.Struct({ steps: Schema.Array(Schema.String), answer: Schema.NullOr(Schema.String) })
})
/** One question before and after reinforcement, as plain data. */
export type Sample = typeof Sample.Type

/** An attempt of reinforcement, with what it was worth. */
export const Completion = Schema.Struct({
  round: Schema.Int,
  question: Schema.String,
  gold: Schema.Struct({ steps: Schema.Array(Schema.String), answer: Schema.String }),
  /** The likeliest answers before the stage and after it, null where there is none or it is not known. */
  before: Schema.NullOr(Schema.String),
  after: Schema.NullOr(Schema.String),
  steps: Schema.Array(Schema.String),
  /** Whether each step is true by itself. */
  legal: Schema.Array(Schema.Boolean),
  answer: Schema.NullOr(Schema.String),
  right: Schema.Boolean,
  reward: Schema.NullOr(Schema.Finite),
  rewards: Schema.Record(Schema.String, Schema.Finite),
  advantage: Schema.NullOr(Schema.Finite)
})
/** An attempt of reinforcement, as plain data. */
export type Completion = typeof Completion.Type

/**
 * Everything the report shows; plain data, written beside it as JSON.
 *
 * @example
 * const summary = new Report.Summary({ ...Report.ofTraining("mine", []), facts: [["seed", "1"]], results: [result] })
 * summary.results[0].accuracy // => 0.75
 */
export class Summary extends Schema.Class<Summary>("noema/ReportSummary")({
  title: Schema.String,
  /** Facts of the run in the order they are to be read: task, model, seed, device, time. */
  facts: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
  /** What the results say, in sentences. */
  findings: Schema.Array(Schema.String),
  /** Supervised loss terms against updates, a chart per method. */
  training: Schema.Array(Schema.Struct({ method: Schema.String, terms: Schema.Array(Line) })),
  /** Against rounds of reinforcement, a row of charts per run: means; then of each part of the reward how it spreads. */
  reinforcement: Schema.Array(
    Schema.Struct({
      method: Schema.String,
      means: Schema.Array(Line),
      /** Standard deviation over the attempts of a round. */
      deviations: Schema.Array(Line),
      /** Share of groups whose attempts all score alike. */
      flat: Schema.Array(Line),
      /** What attempts are like and how the policy moves, a chart for each unit. */
      others: Schema.Array(Schema.Struct({ unit: Schema.String, lines: Schema.Array(Line) }))
    })
  ),
  /** What went wrong and what was done about it, in words. */
  events: Schema.Array(Schema.String),
  /** What stages warned of, by the names of the warnings, each once. */
  warnings: Schema.optionalKey(Schema.Array(Schema.String)),
  results: Schema.Array(Result),
  /** Every row against those before it. */
  differences: Schema.Array(Difference),
  /** Latent groups used against gold steps, counts per cell. */
  latentUse: Schema.Array(Schema.Struct({ steps: Schema.Int, groups: Schema.Int, count: Schema.Int })),
  passAtK: Schema.Array(PassLine),
  samples: Schema.Array(Sample),
  /** Attempts of stages of reinforcement, some of those that are in their files. */
  completions: Schema.Array(Schema.Struct({ stage: Schema.String, of: Schema.Int, rows: Schema.Array(Completion) }))
}) {}
