/**
 * The causal card of a model: what becomes of its answers where its latents are others. Neither accuracy nor decoded steps
 * say whether an answer listens to latents; only interventions do.
 */
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { append } from "../context/context.ts"
import type { Problem } from "../data/problem.ts"
import { packQuestion, padded } from "../layout/pack.ts"
import { type Held, modelOf } from "../method/held.ts"
import { ask } from "../objective/think.ts"
import { derive, draws, type Key } from "../random/key.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import { type GenerateError, type Generator, outputOf, type Rollout, type Wording } from "../rollout/generate.ts"
import { answerOf } from "../rewards/attempt.ts"
import { writeAfter } from "../rollout/write.ts"

const { spec } = Program

/** What becomes of answers. Shares of right ones; chance is what a guess gets. */
export interface Card {
  readonly problems: number
  readonly asIs: number
  /** All latents are zeros. */
  readonly zeroed: number
  /** Each is the mean of the latents at its place. */
  readonly mean: number
  /** They are those of another question of as many latents whose answer differs. */
  readonly swapped: number
  /** Of the questions that were swapped, the share that now gives the other's answer; null where none could be. */
  readonly donor: number | null
  /** All but the last are zeros. */
  readonly lastOnly: number
  /** With normal noise as wide as latents at their place vary from question to question. */
  readonly noise: number
}

/** The latents of an attempt, [count, width]. */
export interface Thought {
  readonly count: number
  readonly data: Float32Array
}

/** How latents are changed: those of attempt `i` from those of all. */
type Change = (thoughts: ReadonlyArray<Thought>, i: number) => Thought

const width = ({ count, data }: Thought): number => (count === 0 ? 0 : data.length / count)

const mapped = (thought: Thought, value: (x: number, at: number, place: number) => number): Thought => {
  const each = width(thought)
  return { ...thought, data: thought.data.map((x, at) => value(x, at % each, Math.floor(at / each))) }
}

/** Mean and deviation of the latents at every place, by coordinate, over the attempts that have one there. */
const momentsOf = (thoughts: ReadonlyArray<Thought>) => {
  const places = Math.max(0, ...thoughts.map(({ count }) => count))
  const each = Math.max(0, ...thoughts.map(width))
  return Array.from({ length: places }, (_, place) => {
    const there = thoughts.filter(({ count }) => count > place)
    const at = (coordinate: number) => there.map(({ data }) => data[place * each + coordinate]!)
    const mean = Array.from({ length: each }, (_, j) => at(j).reduce((sum, x) => sum + x, 0) / there.length)
    const deviation = mean.map((m, j) => Math.sqrt(at(j).reduce((sum, x) => sum + (x - m) ** 2, 0) / there.length))
    return { mean, deviation }
  })
}

/** For each attempt another one of as many latents whose expected answer differs, by turns; null where there is none. */
export const donorsFor = (
  attempts: ReadonlyArray<{ readonly count: number; readonly answer: string }>
): ReadonlyArray<number | null> => {
  const byCount = Map.groupBy(attempts.keys(), (i) => attempts[i]!.count)
  return attempts.map(({ answer, count }, i) => {
    const own = byCount.get(count)!
    const from = own.indexOf(i)
    for (let step = 1; count > 0 && step < own.length; step++) {
      const other = own[(from + step) % own.length]!
      if (!sameAnswer(attempts[other]!.answer, answer)) return other
    }
    return null
  })
}

/** Answers to questions after latents that are given: what a model says, whoever thought. */
export const answering = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  rows: number
): Effect.fn.Return<
  (
    problems: ReadonlyArray<Problem>,
    thoughts: ReadonlyArray<Thought>
  ) => Effect.Effect<ReadonlyArray<string | null>, Program.ProgramError>,
  Program.ProgramError,
  Device.Device | Scope.Scope
> {
  const { context, perStep, maxSteps, textSymbols, tokenizer } = wording
  const latents = maxSteps * perStep
  const run = yield* Program.make(
    (tensors, question, given, count) => {
      const model = modelOf(held, tensors)
      const place = Tensor.iota([Tensor.dim(given, 1)], 0)
      const kept = Tensor.lt(place, Tensor.expandDims(count, 1))
      const { context } = append(ask(model, question), given, kept)
      return writeAfter(model.backbone, { context, used: count }, { count: textSymbols, more: false, uniforms: null })
        .symbols
    },
    held.specs,
    spec(["batch", "question"], "i32"),
    spec(["batch", "latents", "width"]),
    spec(["batch"], "i32")
  )
  return Effect.fnUntraced(function* (problems: ReadonlyArray<Problem>, thoughts: ReadonlyArray<Thought>) {
    const answers: Array<string | null> = []
    for (let start = 0; start < problems.length; start += rows) {
      // A last batch is filled up with its first question.
      const at = Array.from({ length: rows }, (_, i) => (start + i < problems.length ? start + i : start))
      const given = new Float32Array(rows * latents * held.sizes.width)
      at.forEach((i, row) => given.set(thoughts[i]!.data, row * latents * held.sizes.width))
      const symbols = yield* run(
        held.state,
        padded(
          at.map((i) => packQuestion(tokenizer, problems[i]!, context)),
          context,
          "left"
        ),
        { shape: [rows, latents, held.sizes.width], data: given },
        Int32Array.from(at, (i) => thoughts[i]!.count)
      )
      const count = Math.min(rows, problems.length - start)
      for (let row = 0; row < count; row++)
        answers.push(
          answerOf(
            outputOf(
              tokenizer,
              symbols.map(({ data }) => data[row]!)
            )
          )
        )
    }
    return answers
  })
})

/**
 * The causal card of a held model on problems: latents at their mean and answers at their likeliest, first as they are and
 * then with every intervention. The generator is one that takes them so and keeps them.
 *
 *     const { asIs, donor, zeroed } = yield* card(held, wording, generator, problems, key)
 */
export const card = Effect.fnUntraced(function* (
  held: Held,
  wording: Wording,
  generator: Generator,
  problems: ReadonlyArray<Problem>,
  key: Key,
  rows = Math.min(100, problems.length)
): Effect.fn.Return<Card, GenerateError, Device.Device | Scope.Scope> {
  const rollouts = yield* generator.run(problems, derive(key, "as is"))
  const thoughts = yield* Effect.forEach(rollouts, ({ latents }: Rollout) =>
    Effect.map(latents.values(), ({ data }): Thought => ({ count: latents.count, data }))
  )
  const moments = momentsOf(thoughts)
  const donors = donorsFor(rollouts.map(({ latents, problem }) => ({ count: latents.count, answer: problem.answer })))
  const answer = yield* answering(held, wording, rows)
  const asked = (which: ReadonlyArray<number>, change: Change) =>
    answer(
      which.map((i) => problems[i]!),
      which.map((i) => change(thoughts, i))
    )
  const all = problems.map((_, i) => i)
  const right = (which: ReadonlyArray<number>, answers: ReadonlyArray<string | null>, of: (i: number) => number) =>
    which.filter((i, at) => answers[at] !== null && sameAnswer(answers[at]!, problems[of(i)]!.answer)).length /
    Math.max(1, which.length)
  const share = (change: Change) => Effect.map(asked(all, change), (answers) => right(all, answers, (i) => i))

  const random = draws(derive(key, "noise"))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  const exchanged = all.filter((i) => donors[i] !== null)
  const swapped = yield* asked(exchanged, (thoughts, i) => thoughts[donors[i]!]!)
  return {
    problems: problems.length,
    asIs: yield* share((thoughts, i) => thoughts[i]!),
    zeroed: yield* share((thoughts, i) => mapped(thoughts[i]!, () => 0)),
    mean: yield* share((thoughts, i) => mapped(thoughts[i]!, (_, j, place) => moments[place]!.mean[j]!)),
    swapped: right(exchanged, swapped, (i) => i),
    donor: exchanged.length === 0 ? null : right(exchanged, swapped, (i) => donors[i]!),
    lastOnly: yield* share((thoughts, i) =>
      mapped(thoughts[i]!, (x, _, place) => (place === thoughts[i]!.count - 1 ? x : 0))
    ),
    noise: yield* share((thoughts, i) =>
      mapped(thoughts[i]!, (x, j, place) => x + normal() * moments[place]!.deviation[j]!)
    )
  }
})
