/** Answers to questions after latents that are given: what a model says, whoever thought. */
import { type Device, Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Problem } from "../data/problem.ts"
import { packQuestion, padded } from "../layout/pack.ts"
import { type Held, modelOf } from "../method/held.ts"
import { ask } from "../objective/think.ts"
import { answerOf } from "../rewards/attempt.ts"
import { outputOf, type Wording } from "../rollout/generate.ts"
import { take } from "../rollout/think.ts"
import { writeAfter } from "../rollout/writeAfter.ts"
import type { Thought } from "./thought.ts"

const { spec } = Program

/** A question that is asked after latents: it is answered at once, or thought on as the model would by itself. */
export interface Asked {
  readonly problem: Problem
  readonly given: Thought
  readonly thinksOn: boolean
}

/** Answers to what is asked, in order; null for none. */
export type Asking<E = never, R = never> = (
  asked: ReadonlyArray<Asked>
) => Effect.Effect<ReadonlyArray<string | null>, E, R>

/** What a held model answers, `rows` questions at a time, with its own latents at their mean and its answers at their likeliest. */
export const asking = Effect.fnUntraced(function* (
  held: Held,
  { context, maxSteps, pace, perStep, stepSymbols, textSymbols, tokenizer }: Wording,
  rows: number
): Effect.fn.Return<Asking<Program.ProgramError>, Program.ProgramError, Device.Device | Scope.Scope> {
  const latents = maxSteps * perStep
  const { width } = held.sizes
  const run = yield* Program.make(
    (tensors, question, given, count, most) => {
      const model = modelOf(held, tensors)
      const asked = ask(model, question)
      const taken = take(
        model,
        asked,
        { latents: "mean", stops: "likely", maxSteps, perStep, stepSymbols, given: { latents: given, count, most } },
        () => ({
          noise: Tensor.zerosLike(asked.state.hidden),
          uniform: Tensor.zerosLike(asked.state.next)
        })
      )
      return writeAfter(model.backbone, taken, { count: textSymbols, more: false, uniforms: null }).symbols
    },
    held.specs,
    spec(["batch", "question"], "i32"),
    spec(["batch", "latents", "width"]),
    spec(["batch"], "i32"),
    spec(["batch"], "i32")
  )
  return Effect.fnUntraced(function* (asked: ReadonlyArray<Asked>) {
    const answers: Array<string | null> = []
    for (let start = 0; start < asked.length; start += rows) {
      // A last batch is filled up with its first question.
      const batch = Array.from({ length: rows }, (_, row) => asked[start + row] ?? asked[start]!)
      const data = new Float32Array(rows * latents * width)
      batch.forEach(({ given }, row) => data.set(given.data, row * latents * width))
      const symbols = yield* run(
        held.state,
        padded(
          batch.map(({ problem }) => packQuestion(tokenizer, problem, context, pace)),
          context,
          "left"
        ),
        { shape: [rows, latents, width], data },
        Int32Array.from(batch, ({ given }) => given.count),
        Int32Array.from(batch, ({ given, thinksOn }) => (thinksOn ? latents : given.count))
      )
      const count = Math.min(rows, asked.length - start)
      for (let row = 0; row < count; row++) {
        const written = symbols.map(({ data }) => data[row]!)
        answers.push(answerOf(outputOf(tokenizer, written)))
      }
    }
    return answers
  })
})
