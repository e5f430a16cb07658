/**
 * A backbone that thinks in a bank of neurons (MARCOS, arXiv 2509.25020): an understander reads the question, a thinker turns
 * the bank into the next one under a random vector, both seen by every row, and a writer puts some rows of the bank into words.
 */
import { type Dim, named, Program, Tensor } from "@noema/tensor"
import { type Context, read } from "../context/context.ts"
import type { Backbone } from "./backbone.ts"
import * as Initial from "./initial.ts"
import { initialStack, stackSpecs, transformer } from "./llama.ts"
import { type Around, part } from "./part.ts"

const { spec } = Program

/** Rows of a bank. */
export interface BankOptions {
  /** Rows that nothing is read from: what is known and not said. */
  readonly deep?: number
  /** Rows that are put into words. */
  readonly shallow?: number
  /** Rows that a latent is written into before each transition. */
  readonly random?: number
}

/** A question as it was understood. */
interface Understood<B extends Dim, N extends Dim> {
  readonly rows: Tensor.Tensor<[B, N, "width"]>
  readonly valid: Tensor.Tensor<[B, N], "bool">
}

/** Rows one after the other, under one name. */
const behind = <B extends Dim, N extends Dim, M extends Dim>(
  first: Tensor.Tensor<[B, N, "width"]>,
  second: Tensor.Tensor<[B, M, "width"]>
): Tensor.Tensor<[B, "rows", "width"]> => {
  const length = first.sizes[1]! + second.sizes[1]!
  return Tensor.narrow(Tensor.concat([first, second], 1), 1, 0, named("rows", length))
}

const flagsBehind = <B extends Dim, N extends Dim, M extends Dim>(
  first: Tensor.Tensor<[B, N], "bool">,
  second: Tensor.Tensor<[B, M], "bool">
): Tensor.Tensor<[B, "rows"], "bool"> => {
  const length = first.sizes[1]! + second.sizes[1]!
  return Tensor.narrow(Tensor.concat([first, second], 1), 1, 0, named("rows", length))
}

/** The same for every row of some. */
const forAll = <B extends Dim, N extends Dim>(
  flags: Tensor.Tensor<[B], "bool">,
  rows: Tensor.Tensor<[B, N, "width"]>
): Tensor.Tensor<[B, N], "bool"> =>
  Tensor.broadcastTo(Tensor.expandDims(flags, 1), [Tensor.dim(rows, 0), Tensor.dim(rows, 1)])

/** The mean of the rows that are valid. */
const meanOf = <B extends Dim, N extends Dim>({ rows, valid }: Understood<B, N>): Tensor.Tensor<[B, "width"]> => {
  const isThere = Tensor.cast(valid, "f32")
  const sum = Tensor.sum(Tensor.mul(rows, Tensor.expandDims(isThere, 2)), 1)
  return Tensor.div(sum, Tensor.expandDims(Tensor.maximum(Tensor.sum(isThere, 1), 1), 1))
}

/**
 * The backbone of MARCOS. Before the first transition the bank is no one's yet, and what is written is written behind the
 * question as it was understood, so that it begins on written chains as other backbones do; behind a transition the writer
 * sees the shallow rows of the bank and nothing else. The state that a latent is drawn at is the mean of the bank plus that of
 * the question. The paper's bank has 10 deep, 100 shallow and 16 random rows.
 *
 * Inferred: one table of symbols for all three, the writing behind the question, and a latent of the width of a row, of
 * which two layers make all random rows (the paper's has as many numbers as these).
 *
 * @example
 * const bank = Part.neuronBank({ deep: 4, shallow: 16, random: 4 })
 * bank.init(Key.fromSeed(1), sizes).shallow.sizes // => [16, 2]
 * bank.name // => "neuron bank"
 */
export const neuronBank = ({ deep = 10, random = 16, shallow = 100 }: BankOptions = {}) =>
  part({
    name: "neuron bank",
    specs: ({ layers }) => ({
      embedding: spec(["vocabulary", "width"]),
      understander: stackSpecs(layers),
      thinker: stackSpecs(layers),
      writer: stackSpecs(layers),
      head: spec(["width", "vocabulary"]),
      deep: spec(["deep", "width"]),
      shallow: spec(["shown", "width"]),
      random: spec(["random", "width"]),
      randomFirst: spec(["width", "width"]),
      randomFirstBias: spec(["width"]),
      randomSecond: spec(["width", "random*width"]),
      randomSecondBias: spec(["random*width"])
    }),
    sizes: { deep: () => deep, shown: () => shallow, random: () => random },
    init: ({ layers }) => ({
      embedding: Initial.normal(1),
      understander: initialStack(layers),
      thinker: initialStack(layers),
      writer: initialStack(layers),
      head: Initial.lecun,
      deep: Initial.normal(1),
      shallow: Initial.normal(1),
      random: Initial.normal(1),
      randomFirst: Initial.he,
      randomFirstBias: Initial.zeros,
      randomSecond: Initial.lecun,
      randomSecondBias: Initial.zeros
    }),
    use: (p, { sizes }: Pick<Around, "sizes">): Backbone => {
      const understander = transformer(p.understander, sizes)
      const thinker = transformer(p.thinker, sizes)
      const writer = transformer(p.writer, sizes)
      const bankRows = deep + shallow + random
      const axis = named("bank", bankRows)

      /** The random rows that a latent becomes. */
      const randomRows = <B extends Dim>(
        latent: Tensor.Tensor<[B, "width"]>
      ): Tensor.Tensor<[B, "random", "width"]> => {
        const inner = Tensor.relu(Tensor.dense(latent, p.randomFirst, p.randomFirstBias))
        const rows = Tensor.dense(inner, p.randomSecond, p.randomSecondBias)
        return Tensor.splitLast(rows, [Tensor.dim(p.random, 0), Tensor.dim(p.random, 1)])
      }

      /** The next bank: every row of question and bank sees every other. */
      const transition = <B extends Dim, N extends Dim>(
        { rows, valid }: Understood<B, N>,
        bank: Tensor.Tensor<[B, "bank", "width"]>,
        latent: Tensor.Tensor<[B, "width"]>
      ): Tensor.Tensor<[B, "bank", "width"]> => {
        const still = Tensor.slice(bank, 1, [0, deep + shallow])
        const stirred = Tensor.narrow(Tensor.concat([still, randomRows(latent)], 1), 1, 0, axis)
        const all = behind(rows, stirred)
        const isThere = flagsBehind(valid, forAll(everyone(latent), stirred))
        const place = Tensor.sub(Tensor.cumsum(Tensor.cast(isThere, "f32"), 1), Tensor.cast(isThere, "f32"))
        const length = Tensor.dim(all, 1)
        const { hidden } = thinker.pass(all, {
          positions: Tensor.cast(place, "i32"),
          visible: Tensor.broadcastTo(Tensor.expandDims(isThere, 1), [Tensor.dim(all, 0), length, length]),
          finite: false,
          place: (_, fresh) => fresh
        })
        return Tensor.narrow(Tensor.slice(hidden, 1, [rows.sizes[1]!]), 1, 0, axis)
      }

      const contextAt = <B extends Dim, N extends Dim>(
        question: Understood<B, N>,
        bank: Tensor.Tensor<[B, "bank", "width"]>,
        hasThought: Tensor.Tensor<[B], "bool">
      ): Context<B> => {
        const shown = Tensor.narrow(Tensor.slice(bank, 1, [deep, deep + shallow]), 1, 0, named("shown", shallow))
        const isQuestion = Tensor.and(question.valid, forAll(Tensor.not(hasThought), question.rows))
        const rows = behind(question.rows, shown)
        const { context } = read(writer, rows, flagsBehind(isQuestion, forAll(hasThought, shown)))
        return {
          ...context,
          state: { ...context.state, hidden: Tensor.add(Tensor.mean(bank, 1), meanOf(question)) },
          mind: {
            shown,
            think: (latent, kept) => {
              const moved = Tensor.expandDims(Tensor.expandDims(kept, 1), 2)
              const next = Tensor.where(moved, transition(question, bank, latent), bank)
              return contextAt(question, next, Tensor.or(hasThought, kept))
            },
            rowsOf: (which) =>
              contextAt(
                { rows: Tensor.take(question.rows, which), valid: Tensor.take(question.valid, which) },
                Tensor.take(bank, which),
                Tensor.take(hasThought, which)
              )
          }
        }
      }

      return {
        ...writer,
        table: p.embedding,
        embed: (symbols) => Tensor.embed(p.embedding, symbols),
        logits: (hidden) => Tensor.dense(hidden, p.head),
        asked: (rows, valid) => {
          const { hidden } = read(understander, rows, valid)
          const first = Tensor.narrow(Tensor.concat([p.deep, p.shallow, p.random], 0), 0, 0, axis)
          const all = [Tensor.dim(rows, 0), axis, Tensor.dim(rows, 2)] as const
          const bank = Tensor.broadcastTo(Tensor.expandDims(first, 0), all)
          return contextAt({ rows: hidden, valid }, bank, Tensor.not(everyone(Tensor.at(hidden, 1, 0))))
        }
      }
    }
  })

/** True for every sequence. */
const everyone = <B extends Dim>(of: Tensor.Tensor<[B, "width"]>): Tensor.Tensor<[B], "bool"> =>
  Tensor.gt(Tensor.add(Tensor.mul(Tensor.at(of, 1, 0), 0), 1), 0)
