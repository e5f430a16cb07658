/** What a stage of reinforcement warns of, as events: what was seen, and by which rule that is a warning. */
import * as Data from "effect/Data"

const shown = (value: number): string => `${Number(value.toPrecision(3))}`
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/**
 * Attempts at one question give fewer different answers than in the first rounds, and not because they are right.
 *
 * @example
 * const [before, now] = [{ entropy: 1.2, accuracy: 0.4 }, { entropy: 0.1, accuracy: 0.35 }]
 * new Pipeline.Warning.AnswersCollapsed({ round: 40, before, now }).message
 * // => "the answers to a question have collapsed by round 40: their entropy is 0.1, in the first rounds it was " +
 * //    "1.2, while 35.0 % of attempts are right, then 40.0 %; more exploration, an entropy weight or a " +
 * //    "reference keeps them apart"
 */
export class AnswersCollapsed extends Data.TaggedClass("AnswersCollapsed")<{
  readonly round: number
  /** Mean entropies of a question's answers, in nats, and shares of right attempts: of the first rounds, and now. */
  readonly before: { readonly entropy: number; readonly accuracy: number }
  readonly now: { readonly entropy: number; readonly accuracy: number }
}> {
  get message(): string {
    const { before, now, round } = this
    return (
      `the answers to a question have collapsed by round ${round}: their entropy is ${shown(now.entropy)}, ` +
      `in the first rounds it was ${shown(before.entropy)}, while ${percent(now.accuracy)} of attempts are right, ` +
      `then ${percent(before.accuracy)}; more exploration, an entropy weight or a reference keeps them apart`
    )
  }
}

/**
 * Fewer questions are solved by any of their attempts than in the first rounds.
 *
 * @example
 * const before = { share: 0.8, interval: [0.75, 0.85] } as const
 * const now = { share: 0.6, interval: [0.55, 0.65] } as const
 * new Pipeline.Warning.CoverageFell({ round: 40, attempts: 8, before, now }).message
 * // => "fewer questions are solved by any of 8 attempts by round 40: 60.0 % (99 % interval 55.0 % to 65.0 %), " +
 * //    "in the first rounds 80.0 % (99 % interval 75.0 % to 85.0 %)"
 */
export class CoverageFell extends Data.TaggedClass("CoverageFell")<{
  readonly round: number
  /** Attempts at each question. */
  readonly attempts: number
  /** The share of questions that some attempt solved, with its interval: of the first rounds, and now. */
  readonly before: { readonly share: number; readonly interval: readonly [low: number, high: number] }
  readonly now: { readonly share: number; readonly interval: readonly [low: number, high: number] }
}> {
  get message(): string {
    const { attempts, before, now, round } = this
    const told = ({ interval: [low, high], share }: typeof before) =>
      `${percent(share)} (99 % interval ${percent(low)} to ${percent(high)})`
    return `fewer questions are solved by any of ${attempts} attempts by round ${round}: ${told(now)}, in the first rounds ${told(before)}`
  }
}

/**
 * A reward, or a part of it, that tells nothing apart.
 *
 * @example
 * const dead = { round: 40, part: "format", rounds: 10, score: 1 }
 * new Pipeline.Warning.DeadReward(dead).message
 * // => "the reward \"format\" is dead by round 40: it gave every attempt of 10 successive rounds 1"
 */
export class DeadReward extends Data.TaggedClass("DeadReward")<{
  readonly round: number
  /** The part, or null where it is the whole. */
  readonly part: string | null
  /** So many successive rounds. */
  readonly rounds: number
  /** What every attempt scored, of a part. */
  readonly score: number | null
}> {
  get message(): string {
    const { part, round, rounds, score } = this
    return part === null
      ? `the reward is dead by round ${round}: in ${rounds} successive rounds no group had attempts that score differently, so nothing is learnt from it`
      : `the reward "${part}" is dead by round ${round}: it gave every attempt of ${rounds} successive rounds ${shown(score ?? 0)}`
  }
}

/**
 * The policy has moved far: from that which acted within a round, or from its reference.
 *
 * @example
 * const drifted = { round: 40, measure: "mean |log ratio|", found: 0.31, bound: 0.2 } as const
 * new Pipeline.Warning.Drifted(drifted).message
 * // => "the policy has drifted by round 40: the mean |log ratio| is 0.31, above 0.2; a lower learning rate, " +
 * //    "fewer updates a round or a reference with more weight holds it"
 */
export class Drifted extends Data.TaggedClass("Drifted")<{
  readonly round: number
  readonly measure: "mean |log ratio|" | "divergence from the reference"
  readonly found: number
  readonly bound: number
}> {
  get message(): string {
    const { bound, found, measure, round } = this
    return `the policy has drifted by round ${round}: the ${measure} is ${shown(found)}, above ${bound}; a lower learning rate, fewer updates a round or a reference with more weight holds it`
  }
}

/**
 * A round from whose rewards nothing can be learnt; its updates pass, and the run goes on.
 *
 * @example
 * new Pipeline.Warning.NothingLearnt({ round: 40, because: "alike" }).message
 * // => "nothing is learnt from the rewards of round 40: in no group do attempts score differently"
 */
export class NothingLearnt extends Data.TaggedClass("NothingLearnt")<{
  readonly round: number
  /** All attempts of every group score alike, or filters leave none of them. */
  readonly because: "alike" | "filtered"
}> {
  get message(): string {
    const why =
      this.because === "alike"
        ? "in no group do attempts score differently"
        : "its filters leave none of the attempts (groups without different outcomes, attempts that were cut off)"
    return `nothing is learnt from the rewards of round ${this.round}: ${why}`
  }
}

/**
 * pass@k of a stage of reinforcement is below the interval of what it began with.
 *
 * @example
 * const before = { stage: "atp-latent", mean: 0.8, low: 0.75, high: 0.85 }
 * const fell = { round: 40, k: 8, questions: 200, before, now: 0.6 }
 * new Pipeline.Warning.PassesFell(fell).message
 * // => "pass@8 has fallen to 60.0 % of 200 questions: atp-latent had 80.0 % (75.0 % to 85.0 %)"
 */
export class PassesFell extends Data.TaggedClass("PassesFell")<{
  readonly round: number
  readonly k: number
  readonly questions: number
  readonly before: { readonly stage: string; readonly mean: number; readonly low: number; readonly high: number }
  readonly now: number
}> {
  get message(): string {
    const { before, k, now, questions } = this
    return `pass@${k} has fallen to ${percent(now)} of ${questions} questions: ${before.stage} had ${percent(before.mean)} (${percent(before.low)} to ${percent(before.high)})`
  }
}

/**
 * Latents are decoration after reinforcement, by the verdict of the causal card.
 *
 * @example
 * const decorated = { round: 40, set: "id", verdict: "latents are decoration" }
 * new Pipeline.Warning.Decorated(decorated).message // => "after reinforcement, on id: latents are decoration"
 */
export class Decorated extends Data.TaggedClass("Decorated")<{
  readonly round: number
  readonly set: string
  /** What the card says. */
  readonly verdict: string
}> {
  get message(): string {
    return `after reinforcement, on ${this.set}: ${this.verdict}`
  }
}

/**
 * A phase compresses chains by more symbols than some of them have: each of those is one latent, and is compressed by less.
 *
 * @example
 * const short = { round: 1, factor: 8, chains: 3, of: 40, shortest: 6 }
 * new Pipeline.Warning.ChainsTooShort(short).message
 * // => "expected compression factors of at most 6, the symbols of the shortest chain, found 8: 3 of 40 chains " +
 * //    "are shorter, and each of these is one latent"
 */
export class ChainsTooShort extends Data.TaggedClass("ChainsTooShort")<{
  /** The update that it is told of at: the first. */
  readonly round: number
  readonly factor: number
  /** Chains that are shorter than the factor, of how many, and the symbols of the shortest of them all. */
  readonly chains: number
  readonly of: number
  readonly shortest: number
}> {
  get message(): string {
    const { chains, factor, of, shortest } = this
    return `expected compression factors of at most ${shortest}, the symbols of the shortest chain, found ${factor}: ${chains} of ${of} chains are shorter, and each of these is one latent`
  }
}

/**
 * A figure of supervised training that is watched stays below what it should be at the least.
 *
 * @example
 * const means = "codes in use of a book of 64"
 * const low = { round: 200, figure: "perplexity", updates: 50, found: 3.2, least: 6.4, means }
 * new Pipeline.Warning.FigureLow(low).message
 * // => "expected a perplexity of at least 6.4, found 3.2 over the 50 updates up to 200: codes in use of a book of 64"
 */
export class FigureLow extends Data.TaggedClass("FigureLow")<{
  /** The update by which it was seen. */
  readonly round: number
  readonly figure: string
  /** So many last updates, and its mean over them. */
  readonly updates: number
  readonly found: number
  readonly least: number
  /** What the figure is. */
  readonly means: string
}> {
  get message(): string {
    const { figure, found, least, means, round, updates } = this
    return `expected a ${figure} of at least ${shown(least)}, found ${shown(found)} over the ${updates} updates up to ${round}: ${means}`
  }
}

/** What is warned of: while rounds are made, and of what was evaluated afterwards. */
export type Warning =
  | AnswersCollapsed
  | ChainsTooShort
  | CoverageFell
  | DeadReward
  | Decorated
  | Drifted
  | FigureLow
  | NothingLearnt
  | PassesFell
