/** Attempts as programs take them. */
import { Program, Tensor } from "@noema/tensor"
import { packQuestion, padded } from "../layout/pack.ts"
import type { Stored } from "../reinforce/stored.ts"
import type { Wording } from "../rollout/generate.ts"
import type { Tried } from "./attempts.ts"

const { spec } = Program

const latentSpecs = [spec(["batch", "latents", "width"])]

/** Specifications of attempts, with latents or without; there is a question for each. */
export const triedSpecs = (thinks: boolean) => ({
  question: spec(["questions", "question"], "i32"),
  latents: thinks ? latentSpecs : latentSpecs.slice(1),
  used: spec(["batch"], "i32"),
  tail: spec(["batch", "tail"], "i32")
})

/** Attempts as they are stored: each asks its own question. */
export const asStored = ({
  latents: [latents],
  question,
  tail,
  used
}: Program.TensorsOf<ReturnType<typeof triedSpecs>>): Stored => {
  const count = latents?.sizes[1] ?? 0
  return {
    question,
    of: Tensor.iota([Tensor.dim(used, 0)], 0),
    latents: Array.from({ length: count }, (_, t) => Tensor.at(latents!, 1, t)),
    noise: [],
    used,
    tail,
    texts: null
  }
}

/** What it takes to pack attempts: their words, how many latents there may be, and how wide these are. */
export interface TriedSizes extends Pick<
  Wording,
  "context" | "maxSteps" | "pace" | "perStep" | "textSymbols" | "tokenizer"
> {
  readonly width: number
}

/** Attempts on the host, in the form of their specifications. */
export const triedOf = (
  { context, maxSteps, pace, perStep, textSymbols, tokenizer, width }: TriedSizes,
  attempts: ReadonlyArray<Tried>
) => {
  const count = maxSteps * perStep
  const data = new Float32Array(attempts.length * count * width)
  attempts.forEach((each, row) => data.set(each.latents.subarray(0, each.count * width), row * count * width))
  return {
    question: padded(
      attempts.map(({ problem }) => packQuestion(tokenizer, problem, context, pace)),
      context,
      "left"
    ),
    latents: count === 0 ? [] : [{ shape: [attempts.length, count, width], data }],
    used: Int32Array.from(attempts, ({ count }) => count),
    tail: padded(
      attempts.map(({ tail }) => tail),
      textSymbols + 1,
      "right"
    )
  }
}
