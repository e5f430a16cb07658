/** What a causal card says, in words: whether answers come from latents, and whether these are a chain. */
import { wilson } from "./interval.ts"

/** A share of so many. */
export interface Share {
  readonly share: number
  readonly of: number
}

/** Whether answers come from latents, and whether later latents go on from the first. */
export interface Verdict {
  readonly answers: "come from latents" | "are decorated" | "cannot tell"
  readonly chain: "goes on" | "does not go on" | "cannot tell"
  /** Both in words, with what they are judged by. */
  readonly sentence: string
}

/** What a verdict is about. */
export interface Evidence {
  /** Answers that stay the same where all latents are another question's. */
  readonly stays: Share
  /** Answers that are then what the model says to that other question. */
  readonly goes: Share
  /** Answers of the counterfactual chain, where the first latents are another question's and the rest is thought anew. */
  readonly follows: Share | null
  /** Answers that then stay the same. */
  readonly keeps: Share | null
}

const percent = (share: number): string => (100 * share).toFixed(1)
const boundsOf = ({ of, share }: Share) => wilson(Math.round(share * of), of)

/** `97.2 % of 883 (95.9 to 98.1)`. */
const shown = (share: Share): string => {
  const [low, high] = boundsOf(share)
  return `${percent(share.share)} % of ${share.of} (${percent(low)} to ${percent(high)})`
}

/** Whether one share is larger than another for all that their intervals say. */
const isMore = (one: Share, other: Share): boolean => boundsOf(one)[0] > boundsOf(other)[1]

const answersOf = ({ goes, stays }: Evidence): Verdict["answers"] => {
  const [low, high] = boundsOf(stays)
  if (low > 0.5) return "are decorated"
  return high < 0.5 && isMore(goes, stays) ? "come from latents" : "cannot tell"
}

const chainOf = ({ follows, keeps }: Evidence): Verdict["chain"] => {
  if (follows === null || keeps === null) return "cannot tell"
  return isMore(follows, keeps) ? "goes on" : isMore(keeps, follows) ? "does not go on" : "cannot tell"
}

const answersSaid = ({ goes, stays }: Evidence, answers: Verdict["answers"]): string => {
  if (answers === "are decorated")
    return `answers change little when latents are another question's, ${shown(stays)} stay: latents are decoration`
  const changed = `when these are another question's, ${shown(goes)} become its answer and ${shown(stays)} stay`
  if (answers === "come from latents") return `answers come from the latents: ${changed}`
  return stays.of === 0
    ? "whether answers come from latents cannot be told: no two questions have as many latents and different answers"
    : `whether answers come from latents cannot be told: ${changed}`
}

const chainSaid = ({ follows, keeps }: Evidence, chain: Verdict["chain"]): string => {
  if (follows === null || keeps === null || follows.of === 0)
    return "; whether later latents go on from the first is not known"
  const changed = `when the first changes, ${shown(follows)} change as the steps say and ${shown(keeps)} stay`
  if (chain === "goes on") return `, and later latents go on from the first: ${changed}`
  return chain === "does not go on"
    ? `, but later latents do not go on from the first: ${changed}`
    : `; whether later latents go on from the first cannot be told: ${changed}`
}

/**
 * The verdict of a card, whatever the accuracy. All latents are exchanged for those of another question to which the model
 * says something else. Where more than half of the answers stay, latents are decoration. Where less than half do, and more
 * become what the model says to the other question than stay, answers come from latents. Where the first latents alone are
 * exchanged and the rest is thought anew, it is a chain where more answers are those of the counterfactual chain than stay,
 * and none where more stay. "More" and "less" are so for 95 % intervals (Wilson) that are apart; otherwise it cannot be told.
 *
 * @example
 * const [most, few] = [{ share: 0.64, of: 883 }, { share: 0.06, of: 883 }]
 * Evaluate.verdictOf({ stays: most, goes: few, follows: null, keeps: null }).answers // => "are decorated"
 * Evaluate.verdictOf({ stays: few, goes: most, follows: null, keeps: null }).sentence
 * // => "answers come from the latents: when these are another question's, 64.0 % of 883 (60.8 to 67.1) become " +
 * //    "its answer and 6.0 % of 883 (4.6 to 7.8) stay; whether later latents go on from the first is not known"
 */
export const verdictOf = (evidence: Evidence): Verdict => {
  const [answers, chain] = [answersOf(evidence), chainOf(evidence)]
  const said = answersSaid(evidence, answers)
  return { answers, chain, sentence: answers === "come from latents" ? said + chainSaid(evidence, chain) : said }
}
