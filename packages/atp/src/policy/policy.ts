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

/** The distribution of one row at every state. */
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

/** The distribution of the actions of a policy: rows, or symbols. */
export type DistOf<B extends Shape, D extends Density, S extends Sampling> = S extends "discrete"
  ? SymbolDist<B, D>
  : StepDist<B, D>

/** The distribution of any policy's actions. */
export type AnyDist<B extends Shape> = DistOf<B, Density, Sampling>

/**
 * The distribution of the next latent at hidden states, whether it is scored, and how actions come of noise.
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
export interface StepPolicy<D extends Density = Density, S extends Sampling = "reparameterised"> {
  readonly name: string
  readonly density: D
  readonly sampling: S
  /** Whether the noise of an attempt is drawn anew for every latent, or once and held; anew unless said. */
  readonly noise?: "anew" | "held" | undefined
  readonly dist: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => DistOf<B, D, S>
}

/** The time of whose noise a latent is made: its own, or the first where noise is held. */
export const noiseTime = ({ noise }: Pick<StepPolicy<Density, Sampling>, "noise">, t: number): number =>
  noise === "held" ? 0 : t

/** Any policy. */
export type AnyPolicy = StepPolicy<Density, Sampling>

/** Whether a policy draws rows, and not symbols. */
export const drawsRows = (policy: AnyPolicy): policy is StepPolicy<Density> => policy.sampling === "reparameterised"
