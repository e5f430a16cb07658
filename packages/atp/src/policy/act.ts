/** What policies do: a row that is read next, whatever it was drawn as. */
import { type Dim, Random, Tensor } from "@noema/tensor"
import { likeliestSymbol, sampledSymbol } from "./choose.ts"
import type { AnyDist, StepDist, SymbolDist } from "./policy.ts"

/** Symbols that were drawn together, and how much the row of each counts: what is stored of them, and what a replay reads. */
export interface Drawn<B extends Dim> {
  readonly symbols: ReadonlyArray<Tensor.Tensor<[B], "i32">>
  readonly weights: ReadonlyArray<Tensor.Tensor<[B]>>
}

/** An action: the row that is read next and, of a policy that draws symbols, what it is made of: one entry, or none. */
export interface Act<B extends Dim> {
  readonly row: Tensor.Tensor<[B, "width"]>
  readonly drawn: ReadonlyArray<Drawn<B>>
}

/** Whether symbols are drawn in place of a row. */
export const drawsSymbols = <B extends Dim>(dist: AnyDist<[B]>): dist is SymbolDist<[B]> => "draws" in dist

/** The row that drawn symbols are read as: the sum of their rows by weight, with the gradient of these rows. */
export const rowOf = <B extends Dim>(
  { embed }: Pick<SymbolDist<[B]>, "embed">,
  { symbols, weights }: Drawn<B>
): Tensor.Tensor<[B, "width"]> =>
  symbols
    .map((symbol, i) => Tensor.mul(embed(symbol), Tensor.expandDims(weights[i]!, 1)))
    .reduce((sum, row) => Tensor.add(sum, row))

const drawnAs = <B extends Dim>(dist: SymbolDist<[B]>, symbols: ReadonlyArray<Tensor.Tensor<[B], "i32">>): Act<B> => {
  const drawn = { symbols, weights: dist.weigh(symbols) }
  return { row: rowOf(dist, drawn), drawn: [drawn] }
}

/** What a policy does without chance: its mode, of symbols as many of the likeliest. */
export const likeliestAct = <B extends Dim>(dist: AnyDist<[B]>): Act<B> => {
  if (!drawsSymbols(dist)) return { row: dist.mode, drawn: [] }
  const symbol = likeliestSymbol(dist.logits)
  return drawnAs(
    dist,
    Array.from({ length: dist.draws }, () => symbol)
  )
}

/** Chance for an action: standard normal noise, and uniform numbers for so many symbols. */
export interface ActChance<B extends Dim> {
  readonly noise: () => Tensor.Tensor<[B, "width"]>
  readonly draws: (count: number) => ReadonlyArray<Tensor.Tensor<[B]>>
}

/** What a policy does by chance. */
export const drawnAct = <B extends Dim>(dist: AnyDist<[B]>, { draws, noise }: ActChance<B>): Act<B> =>
  drawsSymbols(dist)
    ? drawnAs(
        dist,
        draws(dist.draws).map((uniform) => sampledSymbol(dist.logits, uniform))
      )
    : { row: dist.at(noise()), drawn: [] }

/** One action or another of the same policy, by row. */
export const actWhere = <B extends Dim>(which: Tensor.Tensor<[B], "bool">, a: Act<B>, b: Act<B>): Act<B> => ({
  row: Tensor.where(Tensor.expandDims(which, 1), a.row, b.row),
  drawn: a.drawn.map(({ symbols, weights }, i) => ({
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
export interface RowDist<B extends Dim> extends Pick<StepDist<[B]>, "at" | "kl" | "mode"> {
  /** A row by the chance of a key. */
  readonly sample: (key: Random.Key) => Tensor.Tensor<[B, "width"]>
}

/** A distribution as one of rows. Of one that draws symbols no row is that of a noise: `at` throws. */
export const asRows = <B extends Dim>(dist: AnyDist<[B]>): RowDist<B> => {
  if (!drawsSymbols(dist)) return { ...dist, sample: (key) => dist.at(Random.normalLike(key, dist.mode)) }
  const { row } = likeliestAct(dist)
  return {
    mode: row,
    kl: null,
    at: () => {
      throw new TypeError("expected a policy whose rows are functions of normal noise, found one that draws symbols")
    },
    sample: (key) => {
      const draws = (count: number) => uniformsLike(key, Tensor.at(row, 1, 0), count)
      return drawnAct(dist, { draws, noise: () => row }).row
    }
  }
}
