/**
 * Step policies: the distribution of the next latent given the state. A policy says in its type whether its actions have a
 * density and whether they are differentiable functions of their noise: estimators of the policy gradient need one or the
 * other.
 */
import type { Shape, Tensor } from "@noema/tensor"

/** Whether the actions of a policy have a log-density that reinforcement can use. */
export type Density = "scored" | "unscored"

/**
 * Whether what is drawn is a differentiable function of its noise, such as mean + deviation * noise, so that noise which was
 * kept can be thought anew with a gradient; symbols that are drawn are discrete.
 */
export type Sampling = "reparameterised" | "discrete"

/**
 * What a policy has its noise over: the coordinates of a row, whose noise is standard normal, or the symbols of the vocabulary,
 * whose noise is a standard Gumbel. It is the last axis of noise wherever that is carried.
 */
export type NoiseAxis = "width" | "vocabulary"

/** The distribution of one row at every state, by noise over its coordinates. */
export interface StepDist<B extends Shape, D extends Density = Density> {
  readonly mode: Tensor.Tensor<[...B, "width"]>
  /** The action of standard normal noise: `mode` itself where nothing is drawn. */
  readonly at: (noise: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
  /** The log-density of an action, a component per coordinate. */
  readonly logProb: D extends "scored"
    ? (action: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>
    : undefined
  /** The entropy of the density by coordinate, in nats; left out where nobody knows it. */
  readonly entropy?: Tensor.Tensor<[...B, "width"]>
  /** The KL divergence from the prior by coordinate; null where there is no prior. */
  readonly kl: Tensor.Tensor<[...B, "width"]> | null
}

/**
 * Symbols that are drawn at every state, several of them independently, in place of one row: their rows are read as one. The
 * lists have as many entries as are drawn.
 */
export interface SymbolDist<B extends Shape, D extends Density = Density> {
  /** How many are drawn. */
  readonly draws: number
  /** What each is drawn by. */
  readonly logits: Tensor.Tensor<[...B, "vocabulary"]>
  /** Rows of symbols. */
  readonly embed: <C extends Shape>(symbols: Tensor.Tensor<C, "i32">) => Tensor.Tensor<[...C, "width"]>
  /** How much the row of each counts; together 1. */
  readonly weigh: (symbols: ReadonlyArray<Tensor.Tensor<B, "i32">>) => ReadonlyArray<Tensor.Tensor<B>>
  /** The log-probability of each. */
  readonly logProb: D extends "scored"
    ? (symbols: ReadonlyArray<Tensor.Tensor<B, "i32">>) => ReadonlyArray<Tensor.Tensor<B>>
    : undefined
  /** The entropy of each draw, in nats; left out where nobody knows it. */
  readonly entropy?: ReadonlyArray<Tensor.Tensor<B>>
  readonly kl: null
}

/**
 * Scores of all symbols with noise over the vocabulary, which are the action, and a row that is read of them: what is kept of
 * it is the scores, since a row does not say which they were.
 */
export interface ScoreDist<B extends Shape, D extends Density = Density> {
  /** Scores without noise. */
  readonly calm: Tensor.Tensor<[...B, "vocabulary"]>
  /** The scores of standard Gumbel noise, an increasing function of it. */
  readonly scoresAt: (noise: Tensor.Tensor<[...B, "vocabulary"]>) => Tensor.Tensor<[...B, "vocabulary"]>
  /** The row of scores. */
  readonly rowOf: (scores: Tensor.Tensor<[...B, "vocabulary"]>) => Tensor.Tensor<[...B, "width"]>
  /** The log-density of scores, a component for each symbol. */
  readonly logProb: D extends "scored"
    ? (scores: Tensor.Tensor<[...B, "vocabulary"]>) => Tensor.Tensor<[...B, "vocabulary"]>
    : undefined
  /** The entropy of the density, a component for each symbol, in nats; left out where nobody knows it. */
  readonly entropy?: Tensor.Tensor<[...B, "vocabulary"]>
  readonly kl: null
}

/** The distribution of rows by the axis of their noise. */
type RowsBy<B extends Shape, D extends Density, N extends NoiseAxis> = N extends "vocabulary"
  ? ScoreDist<B, D>
  : StepDist<B, D>

/** The distribution of the actions of a policy: rows, by noise over an axis, or symbols. */
export type DistOf<
  B extends Shape,
  D extends Density,
  S extends Sampling,
  N extends NoiseAxis = "width"
> = S extends "discrete" ? SymbolDist<B, D> : RowsBy<B, D, N>

/** The distribution of any policy's actions. */
export type AnyDist<B extends Shape> = DistOf<B, Density, Sampling, NoiseAxis>

/**
 * The distribution of the next latent at hidden states, whether it is scored, how actions come of noise, and over which axis
 * that is: `over` says so where it is not the coordinates of a row.
 *
 * @example
 * const doubled: Policy.StepPolicy<"unscored"> = {
 *   name: "doubled state",
 *   density: "unscored",
 *   sampling: "reparameterised",
 *   dist: (hidden) => {
 *     const mode = Tensor.mul(hidden, 2)
 *     return { mode, at: () => mode, logProb: undefined, kl: null }
 *   }
 * }
 * doubled.dist(hidden).mode // => [[6, 2]]
 */
export interface StepPolicy<
  D extends Density = Density,
  S extends Sampling = "reparameterised",
  N extends NoiseAxis = "width"
> {
  readonly name: string
  readonly density: D
  readonly sampling: S
  /** Whether the noise of an attempt is drawn anew for every latent, or once and held; anew unless said. */
  readonly noise?: "anew" | "held" | undefined
  /** What its noise is over; the coordinates of a row unless said, which a policy over the vocabulary has to. */
  readonly over?: N | undefined
  readonly dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => DistOf<B, D, S, N>
}

/** Whether actions are symbols, or scores of which one is the highest: what a rule that looks at symbols is stopped by. */
export const drawsOfVocabulary = ({ over, sampling }: AnyPolicy): boolean =>
  sampling === "discrete" || over === "vocabulary"

/** The time of whose noise a latent is made: its own, or the first where noise is held. */
export const noiseTime = ({ noise }: Pick<AnyPolicy, "noise">, t: number): number => (noise === "held" ? 0 : t)

/** Any policy. */
export type AnyPolicy = StepPolicy<Density, Sampling, NoiseAxis>

/** Whether a policy draws rows by noise over their coordinates, and neither symbols nor scores of them. */
export const drawsRows = (policy: AnyPolicy): policy is StepPolicy<Density> =>
  policy.sampling === "reparameterised" && policy.over !== "vocabulary"
