/** What policies do: a row that is read next, whatever it was drawn as. */
import { type Dim, named, Random, type Shape, Tensor } from "@noema/tensor"
import { likeliestSymbol, sampledSymbol } from "./choose.ts"
import type { AnyDist, AnyPolicy, NoiseAxis, ScoreDist, StepDist, SymbolDist } from "./policy.ts"

/**
 * What a row was made of, which is stored and what a replay makes it of anew: symbols that were drawn together and how much the
 * row of each counts, or the scores of all symbols.
 */
export interface Drawn<B extends Dim> {
  readonly symbols: ReadonlyArray<Tensor.Tensor<[B], "i32">>
  readonly weights: ReadonlyArray<Tensor.Tensor<[B]>>
  /** One entry, of a policy whose noise is over the vocabulary, or none. */
  readonly scores: ReadonlyArray<Tensor.Tensor<[B, "vocabulary"]>>
}

/** Noise of rows, over the axis that their policy has it over. */
export type Noise<B extends Dim> = Tensor.Tensor<[B, NoiseAxis]>

const isOver = <B extends Dim, N extends NoiseAxis>(noise: Noise<B>, axis: N): noise is Tensor.Tensor<[B, N]> =>
  noise.shape[1] === axis

const otherAxis = (expected: NoiseAxis, { shape }: Tensor.AnyTensor): never => {
  throw new TypeError(`expected noise over the ${expected}, found noise of the shape [${shape.join(", ")}]`)
}

/** Standard Gumbel noise of uniform numbers in [0, 1): -log(-log u). */
export const gumbelOf = <S extends Shape>(uniform: Tensor.Tensor<S>): Tensor.Tensor<S> =>
  // Uniform numbers are multiples of 2^-24; what is 0 stands for all below that.
  Tensor.neg(Tensor.log(Tensor.neg(Tensor.log(Tensor.maximum(uniform, 2 ** -25)))))

/** The noise of a policy, a row each for those of `hidden`, by a key. */
export const noiseBy = <B extends Dim>(
  { over = "width" }: Pick<AnyPolicy, "over">,
  key: Random.Key,
  hidden: Tensor.Tensor<[B, "width"]>,
  vocabulary: number
): Noise<B> => {
  if (over === "width") return Random.normalLike(key, hidden)
  const each: Tensor.Tensor<[B, "vocabulary"]> = Tensor.add(
    Tensor.expandDims(Tensor.mul(Tensor.at(hidden, 1, 0), 0), 1),
    Tensor.zeros([named("vocabulary", vocabulary)])
  )
  return gumbelOf(Random.uniformLike(key, each))
}

/** An action: the row that is read next and, where a row does not say it, what it is made of: one entry, or none. */
export interface Act<B extends Dim> {
  readonly row: Tensor.Tensor<[B, "width"]>
  readonly drawn: ReadonlyArray<Drawn<B>>
}

/** Whether symbols are drawn in place of a row. */
export const drawsSymbols = <B extends Dim>(dist: AnyDist<[B]>): dist is SymbolDist<[B]> => "draws" in dist

/** Whether scores of all symbols are drawn, of which a row is made. */
export const drawsScores = <B extends Dim>(dist: AnyDist<[B]>): dist is ScoreDist<[B]> => "scoresAt" in dist

/** The row that drawn symbols are read as: the sum of their rows by weight, with the gradient of these rows. */
export const rowOf = <B extends Dim>(
  { embed }: Pick<SymbolDist<[B]>, "embed">,
  { symbols, weights }: Pick<Drawn<B>, "symbols" | "weights">
): Tensor.Tensor<[B, "width"]> =>
  symbols
    .map((symbol, i) => Tensor.mul(embed(symbol), Tensor.expandDims(weights[i]!, 1)))
    .reduce((sum, row) => Tensor.add(sum, row))

/** The row of what was drawn, made anew of the table as it is; null of a policy whose rows say what they are. */
export const rowOfDrawn = <B extends Dim>(dist: AnyDist<[B]>, drawn: Drawn<B>): Tensor.Tensor<[B, "width"]> | null => {
  if (drawsSymbols(dist)) return rowOf(dist, drawn)
  const [scores] = drawn.scores
  return drawsScores(dist) && scores !== undefined ? dist.rowOf(scores) : null
}

const drawnAs = <B extends Dim>(dist: SymbolDist<[B]>, symbols: ReadonlyArray<Tensor.Tensor<[B], "i32">>): Act<B> => {
  const drawn = { symbols, weights: dist.weigh(symbols), scores: [] }
  return { row: rowOf(dist, drawn), drawn: [drawn] }
}

const scoredAs = <B extends Dim>(dist: ScoreDist<[B]>, scores: Tensor.Tensor<[B, "vocabulary"]>): Act<B> => ({
  row: dist.rowOf(scores),
  drawn: [{ symbols: [], weights: [], scores: [scores] }]
})

/** What a policy does without chance: its mode, of symbols as many of the likeliest. */
export const likeliestAct = <B extends Dim>(dist: AnyDist<[B]>): Act<B> => {
  if (drawsScores(dist)) return scoredAs(dist, dist.calm)
  if (!drawsSymbols(dist)) return { row: dist.mode, drawn: [] }
  const symbol = likeliestSymbol(dist.logits)
  return drawnAs(
    dist,
    Array.from({ length: dist.draws }, () => symbol)
  )
}

/** Chance for an action: noise over the axis of the policy, and uniform numbers for so many symbols. */
export interface ActChance<B extends Dim> {
  readonly noise: () => Noise<B>
  readonly draws: (count: number) => ReadonlyArray<Tensor.Tensor<[B]>>
}

/** What a policy does by chance. */
export const drawnAct = <B extends Dim>(dist: AnyDist<[B]>, { draws, noise }: ActChance<B>): Act<B> =>
  drawsSymbols(dist)
    ? drawnAs(
        dist,
        draws(dist.draws).map((uniform) => sampledSymbol(dist.logits, uniform))
      )
    : actOf(dist, noise())

/** What a policy of rows does by noise. Throws where that is over another axis than the policy has it over. */
const actOf = <B extends Dim>(dist: StepDist<[B]> | ScoreDist<[B]>, noise: Noise<B>): Act<B> => {
  if (drawsScores<B>(dist))
    return isOver(noise, "vocabulary") ? scoredAs(dist, dist.scoresAt(noise)) : otherAxis("vocabulary", noise)
  return isOver(noise, "width") ? { row: dist.at(noise), drawn: [] } : otherAxis("width", noise)
}

/** One action or another of the same policy, by row. */
export const actWhere = <B extends Dim>(which: Tensor.Tensor<[B], "bool">, a: Act<B>, b: Act<B>): Act<B> => ({
  row: Tensor.where(Tensor.expandDims(which, 1), a.row, b.row),
  drawn: a.drawn.map(({ scores, symbols, weights }, i) => ({
    scores: scores.map((each, k) => Tensor.where(Tensor.expandDims(which, 1), each, b.drawn[i]!.scores[k]!)),
    symbols: symbols.map((each, k) => Tensor.where(which, each, b.drawn[i]!.symbols[k]!)),
    weights: weights.map((each, k) => Tensor.where(which, each, b.drawn[i]!.weights[k]!))
  }))
})

/** Uniform numbers for so many symbols, one for each row of `like`. */
export const uniformsLike = <B extends Dim>(
  key: Random.Key,
  like: Tensor.Tensor<[B]>,
  count: number
): ReadonlyArray<Tensor.Tensor<[B]>> =>
  Array.from({ length: count }, (_, i) => Random.uniformLike(Random.foldIn(key, i), like))

/** The actions of any policy as rows, for passes that keep nothing else of them. */
export interface RowDist<B extends Dim> extends Pick<StepDist<[B]>, "kl" | "mode"> {
  /** The row of noise. Throws where that is over another axis than the policy has it over. */
  readonly at: (noise: Noise<B>) => Tensor.Tensor<[B, "width"]>
  /** A row by the chance of a key. */
  readonly sample: (key: Random.Key) => Tensor.Tensor<[B, "width"]>
}

/** A distribution as one of rows. Of one that draws symbols no row is that of a noise: `at` throws. */
export const asRows = <B extends Dim>(dist: AnyDist<[B]>): RowDist<B> => {
  const { row } = likeliestAct(dist)
  if (drawsScores(dist))
    return {
      mode: row,
      kl: null,
      at: (noise) => actOf(dist, noise).row,
      sample: (key) => dist.rowOf(dist.scoresAt(gumbelOf(Random.uniformLike(key, dist.calm))))
    }
  if (!drawsSymbols(dist))
    return {
      mode: dist.mode,
      kl: dist.kl,
      at: (noise) => actOf(dist, noise).row,
      sample: (key) => dist.at(Random.normalLike(key, dist.mode))
    }
  return {
    mode: row,
    kl: null,
    at: () => {
      throw new TypeError("expected a policy whose rows are functions of noise, found one that draws symbols")
    },
    sample: (key) => {
      const draws = (count: number) => uniformsLike(key, Tensor.at(row, 1, 0), count)
      return drawnAct(dist, { draws, noise: () => row }).row
    }
  }
}
