/** What a cell comes to, as plain data: a file in `results`, which is committed. */
import { Evaluate, type Pipeline } from "@noema/atp"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Share = Schema.Struct({ share: Schema.Finite, of: Schema.Int })

/** What was measured of a cell, on its held-out questions. */
export const Measured = Schema.Struct({
  cell: Schema.String,
  /** Of all that the cell is; another one is another cell. */
  digest: Schema.String,
  date: Schema.String,
  /** Of the command, with whatever else the machine did. */
  seconds: Schema.Finite,
  /** Of the updates of the method's own stage, without the warm start that methods share; 0 where they were made before. */
  training: Schema.Finite.pipe(Schema.withDecodingDefault(Effect.succeed(0))),
  problems: Schema.Int,
  /** Accuracy of a guess. */
  chance: Schema.Finite,
  accuracy: Schema.Finite,
  /** A digit per question, 1 where its answer was right: what differences between cells of one seed are paired by. */
  right: Schema.String,
  tokens: Schema.Finite,
  /** Rank correlation of latents with gold steps. */
  adaptivity: Schema.Finite,
  coherence: Schema.Finite,
  validity: Schema.Finite,
  /** Share of whole chains that solve the question. */
  whole: Schema.Finite,
  steps: Schema.Array(
    Schema.Struct({ steps: Schema.Int, problems: Schema.Int, accuracy: Schema.Finite, tokens: Schema.Finite })
  ),
  /** pass@k with all that is drawn sampled, and its interval over questions. */
  passes: Schema.Array(
    Schema.Struct({ k: Schema.Int, of: Schema.Int, mean: Schema.Finite, low: Schema.Finite, high: Schema.Finite })
  ).pipe(Schema.withDecodingDefault(Effect.succeed([]))),
  /** How often rewards score a right attempt above a wrong one at the same question, of cells that ask that. */
  tells: Schema.Array(
    Schema.Struct({
      reward: Schema.String,
      of: Schema.Int,
      mean: Schema.Finite,
      low: Schema.Finite,
      high: Schema.Finite
    })
  ).pipe(Schema.withDecodingDefault(Effect.succeed([]))),
  /** Figures of training at its end, of cells that have some which claims are judged by. */
  watched: Schema.Record(Schema.String, Schema.Finite).pipe(Schema.withDecodingDefault(Effect.succeed({}))),
  /** The causal card; null of methods without latents. */
  card: Schema.NullOr(
    Schema.Struct({
      zeroed: Schema.Finite,
      mean: Schema.Finite,
      swapped: Schema.Finite,
      donor: Schema.NullOr(Schema.Finite),
      lastOnly: Schema.Finite,
      noise: Schema.Finite,
      follows: Schema.NullOr(Share)
    })
  )
})
export type Measured = typeof Measured.Type

/** A share to five places: more are of no use, and files stay short. */
const short = (value: number): number => Number(value.toFixed(5))

/** The figures of a cell's evaluation. */
export const measuredOf = (
  {
    cell,
    digest,
    seconds,
    training,
    watched: figures
  }: Pick<Measured, "cell" | "digest" | "seconds" | "training" | "watched">,
  evaluation: Pipeline.Evaluated,
  passed: Pipeline.Passed | null
): Measured => {
  const { adaptivity, byDifficulty, card, chance, problems, rollouts, tokens, watched } = evaluation
  const right = rollouts.map(Evaluate.isRight)
  return {
    cell,
    digest,
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round(seconds),
    training: Math.round(training),
    problems,
    chance: short(chance),
    accuracy: short(evaluation.accuracy),
    right: right.map(Number).join(""),
    tokens: short(tokens),
    adaptivity: short(adaptivity),
    coherence: short(watched["coherence (strict)"] ?? 0),
    validity: short(watched["step validity"] ?? 0),
    whole: short(watched["chain solves"] ?? 0),
    steps: byDifficulty.map(({ accuracy, problems, steps, tokens }) => ({
      steps,
      problems,
      accuracy: short(accuracy),
      tokens: short(tokens)
    })),
    passes: (passed?.rates ?? [])
      .filter(({ k }) => k === 1 || k === 8)
      .map(({ high, k, low, mean, of }) => ({ k, of, mean: short(mean), low: short(low), high: short(high) })),
    tells: (passed?.tells ?? []).map(({ high, low, mean, of, reward }) => ({
      reward,
      of,
      mean: short(mean),
      low: short(low),
      high: short(high)
    })),
    watched: figures,
    card:
      card === null
        ? null
        : {
            zeroed: short(card.zeroed),
            mean: short(card.mean),
            swapped: short(card.swapped),
            donor: card.donor === null ? null : short(card.donor),
            lastOnly: short(card.lastOnly),
            noise: short(card.noise),
            follows: card.follows === null ? null : { share: short(card.follows.share), of: card.follows.of }
          }
  }
}
