/** Minibatches of a round: what its attempts did and what they were credited with, as programs of updates take it. */
import { Program, type Resident, Tensor } from "@noema/tensor"
import type { Problem } from "../data/problem.ts"
import { packQuestion, padded } from "../layout/pack.ts"
import { atStep, type Credited } from "../reinforce/credit.ts"
import type { Stored } from "../reinforce/stored.ts"
import type { Rollout, Wording } from "../rollout/generate.ts"
import type { Acted } from "../rollout/gather.ts"
import type { RolloutState } from "../rollout/sampler.ts"
import { special } from "../text/tokenizer.ts"

const { spec } = Program

/** How large rounds and minibatches are. */
export interface RoundSizes {
  readonly questions: number
  readonly group: number
  readonly minibatch: number
  /** How often the attempts of a round are gone over; once unless told. */
  readonly epochs?: number
}

/** Updates that a round comes to. Throws where attempts do not divide into minibatches. */
export const updatesOf = ({ epochs = 1, group, minibatch, questions }: RoundSizes): number => {
  if ((questions * group) % minibatch !== 0)
    throw new RangeError(`${questions} questions times ${group} do not divide into minibatches of ${minibatch}`)
  return (epochs * questions * group) / minibatch
}

/** Specifications of what a minibatch asked and wrote. */
export const askedSpec = {
  question: spec(["questions", "question"], "i32"),
  of: spec(["batch"], "i32"),
  tail: spec(["batch", "tail"], "i32"),
  texts: spec(["batch", "steps", "spoken"], "i32")
}

/** Specifications of what a minibatch is credited with. */
export const judgementSpec = {
  latent: spec(["batch", "latents"]),
  written: spec(["batch"]),
  texts: spec(["batch", "steps"]),
  kept: spec(["batch"])
}

/** What attempts of a minibatch did, from what lies on the device and what came back. */
export const storedOf = (
  { drawn, latents, noise, used }: Pick<RolloutState, "drawn" | "latents" | "noise" | "used">,
  rows: Tensor.Tensor<["batch"], "i32">,
  asked: Pick<Stored, "of" | "question" | "tail" | "texts">
): Stored => ({
  ...asked,
  latents: latents.map((latent) => Tensor.take(latent, rows)),
  drawn: drawn.map(({ scores, symbols, weights }) => ({
    scores: scores.map((each) => Tensor.take(each, rows)),
    symbols: symbols.map((each) => Tensor.take(each, rows)),
    weights: weights.map((each) => Tensor.take(each, rows))
  })),
  noise: noise.map((each) => Tensor.take(each, rows)),
  used: Tensor.take(used, rows)
})

/** What is written where the answer to a problem is right. */
export const answerTail = ({ tokenizer }: Pick<Wording, "tokenizer">, { answer }: Problem): ReadonlyArray<number> => [
  special("<eot>"),
  special("###"),
  ...tokenizer.encode(answer),
  special("<eos>")
]

type Numbers<D> = { readonly shape: ReadonlyArray<number>; readonly data: D }

/** The actions of a minibatch: all that were taken, those rows of them, and what was asked and written. */
export type Actions = readonly [
  rolled: Resident.Resident<RolloutState>,
  rows: Int32Array,
  asked: {
    readonly question: Numbers<Int32Array>
    readonly of: Int32Array
    readonly tail: Numbers<Int32Array>
    readonly texts: Numbers<Int32Array>
  }
]

/** What a minibatch is credited with. */
export interface Judged {
  readonly latent: Numbers<Float32Array>
  readonly written: Float32Array
  readonly texts: Numbers<Float32Array>
  readonly kept: Float32Array
}

/** The actions of a minibatch, as its programs take them: a question is read once for all attempts at it. */
export const actionsOf = (
  { state }: Acted,
  { group, minibatch, questions }: RoundSizes,
  { context, maxSteps, pace, stepSymbols, tokenizer }: Wording,
  rollouts: ReadonlyArray<Rollout>,
  rows: ReadonlyArray<number>,
  tailSymbols: number
): Actions => {
  const asked = [...new Set(rows.map((row) => Math.floor(row / group)))]
  // As many rows in every minibatch as there may be questions in one.
  const of = Array.from({ length: Math.min(questions, minibatch) }, (_, i) => asked[i] ?? asked[0]!)
  return [
    state,
    Int32Array.from(rows),
    {
      question: padded(
        of.map((question) => packQuestion(tokenizer, rollouts[question * group]!.problem, context, pace)),
        context,
        "left"
      ),
      of: Int32Array.from(rows, (row) => asked.indexOf(Math.floor(row / group))),
      tail: padded(
        rows.map((row) => rollouts[row]!.tail),
        tailSymbols,
        "right"
      ),
      texts: {
        ...padded(
          rows.flatMap((row) => Array.from({ length: maxSteps }, (_, step) => rollouts[row]!.said[step] ?? [])),
          stepSymbols,
          "right"
        ),
        shape: [rows.length, maxSteps, stepSymbols]
      }
    }
  ]
}

/** Advantages of a minibatch, as its update takes them. */
export const judgementOf = (
  { maxSteps, perStep }: Pick<Wording, "maxSteps" | "perStep">,
  rows: ReadonlyArray<Credited | null>
): Judged => {
  const latents = maxSteps * perStep
  return {
    latent: {
      shape: [rows.length, latents],
      data: Float32Array.from({ length: rows.length * latents }, (_, i) => {
        const row = rows[Math.floor(i / latents)]!
        return row === null ? 0 : atStep(row, Math.floor((i % latents) / perStep))
      })
    },
    written: Float32Array.from(rows, (row) => row?.written ?? 0),
    texts: {
      shape: [rows.length, maxSteps],
      data: Float32Array.from(
        rows.flatMap((row) => Array.from({ length: maxSteps }, (_, step) => row?.texts[step] ?? 0))
      )
    },
    kept: Float32Array.from(rows, (row) => Number(row !== null))
  }
}
