/** 12 does it think: interventions on latents, and whether a difference is one. */
import { Key, Model, type Reward } from "@noema/atp"
import { type Device, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"

/** An attempt's latents on the host: so many, one behind the other. */
export interface Thought {
  readonly count: number
  readonly data: Float32Array
}

type Attempts = ReadonlyArray<Reward.Attempt>

/** What a model answers to the questions of attempts after latents that it is given, one list for each, and no others. */
export const answersAfter = (
  model: Model.Trained,
  attempts: Attempts,
  given: ReadonlyArray<Thought>
): Effect.Effect<ReadonlyArray<string | null>, { readonly message: string }, Device.Device> =>
  Effect.gen(function* () {
    const generator = yield* Model.answering(model, { questions: 50, goesOn: true })
    // `most` is how many latents there may be in all: with as many as are given, the answer follows at once.
    const prefixes = given.map((thought) => ({ ...thought, drawn: 0, most: thought.count }))
    const problems = attempts.map(({ problem }) => problem)
    const answered = yield* generator.run(problems, Key.fromSeed(0), prefixes)
    return answered.map(({ answer }) => answer)
  }).pipe(Effect.scoped)

/** As many latents that say nothing: zeros. */
export const zeroed = ({ count, data }: Thought): Thought => ({ count, data: data.map(() => 0) })

/**
 * For each attempt the one whose latents take the place of its own: the next behind it, round and round, that has as many latents
 * and another answer. Null where there is none.
 */
export const donorsOf = (attempts: Attempts): ReadonlyArray<number | null> =>
  attempts.map(({ answer, latents }, own): number | null => {
    for (let step = 1; step < attempts.length; step++) {
      const other = (own + step) % attempts.length
      const fits: boolean = attempts[other]!.latents.count === latents.count && attempts[other]!.answer !== answer
      if (fits) return other
    }
    return null
  })

/** Of attempts that have a donor, the shares whose answer after its latents is still their own, and that is the donor's. */
export const followed = (
  attempts: Attempts,
  answers: ReadonlyArray<string | null>,
  donors: ReadonlyArray<number | null>
): { readonly own: number; readonly donor: number } => {
  const pairs = donors.flatMap((donor, own) => (donor === null ? [] : [{ own, donor }]))
  const share = (hits: ReadonlyArray<boolean>) => hits.filter(Boolean).length / Math.max(1, hits.length)
  return {
    own: share(pairs.map(({ own }): boolean => answers[own] === attempts[own]!.answer)),
    donor: share(pairs.map(({ donor, own }): boolean => answers[own] === attempts[donor]!.answer))
  }
}

/** A linear probe: what each number of a latent adds to the score of each label, and an offset. */
export interface Probe {
  readonly weights: Tensor.Tensor<["width", "labels"]>
  readonly offset: Tensor.Tensor<["labels"]>
}
/** Latents of one place in many attempts. */
type Latents = Tensor.Tensor<["latents", "width"]>

/** Scores of all labels; the highest is what is read out of a latent. */
export const scoresOf = ({ offset, weights }: Probe, latents: Latents): Tensor.Tensor<["latents", "labels"]> =>
  Tensor.add(Tensor.matmul(latents, weights), offset)

/**
 * What a probe is fitted by: the cross-entropy of its scores, `Tensor.crossEntropy(scores, labels)`, and half the sum of squares of
 * its weights for every latent, which keeps them small where there are few latents.
 */
export const probeLoss = (
  probe: Probe,
  latents: Latents,
  labels: Tensor.Tensor<["latents"], "i32">
): Tensor.Tensor<[]> => {
  const unlikely: Tensor.Tensor<[]> = Tensor.crossEntropy(scoresOf(probe, latents), labels)
  const large: Tensor.Tensor<[]> = Tensor.div(Tensor.sum(Tensor.square(probe.weights)), 2 * latents.sizes[0])
  return Tensor.add(unlikely, large)
}

/** The bounds within which 95 of 100 means lie. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The paired bootstrap: what `one` gets right more than `other` at the same questions, on average. As many questions as there are
 * are drawn again, with replacement, and the difference of both is taken on these; a thousand times over. The bounds are what
 * one in forty lies below, and above. `random` gives uniform numbers from 0 to below 1.
 */
export const pairedBootstrap = (
  one: ReadonlyArray<number>,
  other: ReadonlyArray<number>,
  random: () => number
): Interval => {
  const means = Array.from({ length: 1000 }, (): number => {
    let sum = 0
    for (let i = 0; i < one.length; i++) {
      const question = Math.floor(random() * one.length)
      const gain: number = one[question]! - other[question]!
      sum += gain
    }
    return sum / one.length
  }).sort((a, b) => a - b)
  return { low: means[25]!, high: means[974]! }
}

/** What may be said of a difference: only what an interval without 0 says. */
export type Verdict = "helps" | "noise" | "harms"

export const verdictOf = ({ high, low }: Interval): Verdict => (low > 0 ? "helps" : high < 0 ? "harms" : "noise")
