/**
 * Search at test time: several attempts at a question become one answer. A search is a value: how many attempts, what they are
 * judged by, where that is asked for, and how one of them is chosen.
 */
import { canonicalNumber } from "../data/equation.ts"
import { dropout, noisy } from "../policy/noisy.ts"
import type { AnyPolicy, Density, StepPolicy } from "../policy/policy.ts"
import type { Reward } from "../rewards/reward.ts"

/** A finished attempt, with what was thought of it. */
export interface Candidate {
  /** Null where the attempt gave no answer. */
  readonly answer: string | null
  /** 0 where nothing is judged. */
  readonly score: number
}

/**
 * Which of the candidates is taken; null if none has an answer. What it answers does not depend on their order.
 *
 * @example
 * const longest: Search.Choice = (candidates) => {
 *   const lengths = candidates.map(({ answer }) => answer?.length ?? -1)
 *   return Math.max(...lengths) < 0 ? null : lengths.indexOf(Math.max(...lengths))
 * }
 * longest([{ answer: "4", score: 0 }, { answer: "12", score: 0 }]) // => 1
 */
export type Choice = (candidates: ReadonlyArray<Candidate>) => number | null

/**
 * What stirs latents, in place of what a method draws them from by itself.
 *
 * @example
 * const louder: Search.Stirring = { name: "noise 2", of: (policy) => Policy.noisy(policy, 2) }
 * Search.described({ ...Search.vote(8), stirred: louder }) // => "vote-8, with noise 2"
 */
export interface Stirring {
  readonly name: string
  readonly of: (policy: StepPolicy<Density>) => AnyPolicy
}

/** How a beam is wide, and how often each of its prefixes is gone on from. */
export interface Beam {
  readonly width: number
  readonly samples: number
}

/**
 * A search. `E` and `R` are those of what attempts are judged by.
 *
 * @example
 * const firstSure: Search.Search = {
 *   ...Search.bestOf(8, Reward.likelihood),
 *   name: "first-sure-of-8",
 *   choose: (candidates) => {
 *     const at = candidates.findIndex(({ answer, score }) => answer !== null && score > 0.9)
 *     return at < 0 ? null : at
 *   }
 * }
 * Search.described(firstSure) // => "first-sure-of-8 by likelihood"
 * firstSure.choose([{ answer: "4", score: 0.5 }, { answer: "5", score: 0.95 }]) // => 1
 */
export interface Search<out E = never, out R = never> {
  /** As on the command line: `best-of-8`. */
  readonly name: string
  /** Attempts at each question. */
  readonly attempts: number
  /** What attempts are judged by; null where nothing is looked at but their answers. */
  readonly by: Reward<E, R> | null
  readonly choose: Choice
  /** How prefixes of latents are kept on the way; null where attempts are made whole. */
  readonly beam: Beam | null
  /** Null where latents are drawn as the method draws them. */
  readonly stirred: Stirring | null
}

/**
 * Attempts at a question, at most.
 *
 * @example
 * Search.mostAttempts // => 1024
 * Search.vote(1025) // throws vote: expected 1 to 1024 attempts, found 1025
 */
export const mostAttempts = 1024

const counted = (form: string, attempts: number): number => {
  if (!(Number.isSafeInteger(attempts) && attempts >= 1 && attempts <= mostAttempts))
    throw new RangeError(`${form}: expected 1 to ${mostAttempts} attempts, found ${attempts}`)
  return attempts
}

/** Sums that do not depend on the order of what is added. */
const sumOf = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b).reduce((sum, x) => sum + x, 0)

/** The best by a score; of equals that whose answer comes first in the alphabet, so that the order says nothing. */
const firstBy = <T extends { readonly answer: string; readonly worth: number }>(all: ReadonlyArray<T>): T | null =>
  all.reduce<T | null>(
    (best, each) =>
      best === null || each.worth > best.worth || (each.worth === best.worth && each.answer < best.answer)
        ? each
        : best,
    null
  )

const answered = (candidates: ReadonlyArray<Candidate>) =>
  candidates.flatMap(({ answer, score }, at) =>
    answer === null ? [] : [{ answer: canonicalNumber(answer), score, at }]
  )

const elected =
  (weight: (candidate: { readonly score: number }) => number): Choice =>
  (candidates) => {
    const ballots = [...Map.groupBy(answered(candidates), ({ answer }) => answer)]
    return firstBy(ballots.map(([answer, of]) => ({ answer, worth: sumOf(of.map(weight)), at: of[0]!.at })))?.at ?? null
  }

const best: Choice = (candidates) =>
  firstBy(answered(candidates).map(({ score, ...of }) => ({ ...of, worth: score })))?.at ?? null

/**
 * One attempt, as it is drawn.
 *
 * @example
 * Search.single.attempts // => 1
 */
export const single: Search = {
  name: "single",
  attempts: 1,
  by: null,
  choose: elected(() => 1),
  beam: null,
  stirred: null
}

/**
 * The most frequent answer of so many attempts (self-consistency, arXiv 2203.11171); numbers in different spellings are one.
 * Throws for a number of attempts that is none, as all searches do.
 *
 * @example
 * const answers = ["4", "5", "5.0", null]
 * Search.vote(4).choose(answers.map((answer) => ({ answer, score: 0 }))) // => 1
 */
export const vote = (attempts: number): Search => ({
  ...single,
  name: `vote-${counted("vote", attempts)}`,
  attempts
})

/**
 * The answer with the largest sum of scores (arXiv 2206.02336).
 *
 * @example
 * const candidates = [{ answer: "4", score: 0.9 }, { answer: "5", score: 0.5 }, { answer: "5", score: 0.5 }]
 * Search.weightedVote(3, Reward.likelihood).choose(candidates) // => 1
 */
export const weightedVote = <E, R>(attempts: number, by: Reward<E, R>): Search<E, R> => ({
  ...single,
  name: `weighted-vote-${counted("weighted-vote", attempts)}`,
  attempts,
  by,
  choose: elected(({ score }) => score)
})

/**
 * The attempt with the best score.
 *
 * @example
 * const candidates = [{ answer: "4", score: 0.9 }, { answer: "5", score: 0.5 }, { answer: null, score: 1 }]
 * Search.bestOf(3, Reward.coherence()).choose(candidates) // => 0
 */
export const bestOf = <E, R>(attempts: number, by: Reward<E, R>): Search<E, R> => ({
  ...single,
  name: `best-of-${counted("best-of", attempts)}`,
  attempts,
  by,
  choose: best
})

/**
 * The best of attempts that are chosen on the way (after arXiv 2510.07745, section 4): after every group of latents the `width`
 * prefixes with the best scores are kept, and each is gone on from `samples` times. A reward that scores steps judges a prefix by
 * its own steps, as they are in the attempt that it comes to at its likeliest; any other judges the prefix. Throws where there
 * are not 1 to 1024 attempts.
 *
 * @example
 * const search = Search.beam(2, 4, Reward.coherence())
 * search.name // => "beam-2x4"
 * search.attempts // => 8
 */
export const beam = <E, R>(width: number, samples: number, by: Reward<E, R>): Search<E, R> => {
  const whole = [width, samples].every((each) => Number.isSafeInteger(each) && each >= 1)
  const attempts = whole ? width * samples : 0
  if (!whole || attempts > mostAttempts)
    throw new RangeError(`beam: expected 1 to ${mostAttempts} attempts, found ${width} times ${samples}`)
  return { ...single, name: `beam-${width}x${samples}`, attempts, by, choose: best, beam: { width, samples } }
}

/**
 * The same search over latents with Gaussian noise, for methods that draw nothing themselves: see `Policy.noisy`.
 *
 * @example
 * Search.described(Search.withNoise(Search.vote(8), 0.5)) // => "vote-8, with noise 0.5"
 */
export const withNoise = <E, R>(search: Search<E, R>, deviation: number): Search<E, R> => ({
  ...search,
  stirred: { name: `noise ${deviation}`, of: (policy) => noisy(policy, deviation) }
})

/**
 * The same search over latents made of states with dropout: see `Policy.dropout`.
 *
 * @example
 * Search.described(Search.withDropout(Search.vote(8), 0.2)) // => "vote-8, with dropout 0.2"
 */
export const withDropout = <E, R>(search: Search<E, R>, rate: number): Search<E, R> => ({
  ...search,
  stirred: { name: `dropout ${rate}`, of: (policy) => dropout(policy, rate) }
})

/**
 * A search in words: `best-of-8 by coherence (strict), with noise 0.5`.
 *
 * @example
 * const search = Search.withNoise(Search.bestOf(8, Reward.coherence()), 0.5)
 * Search.described(search) // => "best-of-8 by coherence (strict), with noise 0.5"
 */
export const described = <E, R>({ by, name, stirred }: Search<E, R>): string =>
  `${name}${by === null ? "" : ` by ${by.name}`}${stirred === null ? "" : `, with ${stirred.name}`}`
