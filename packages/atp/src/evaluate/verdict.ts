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
}

const percent = (share: number): string => (100 * share).toFixed(1)
const boundsOf = ({ of, share }: Share) => wilson(Math.round(share * of), of)

/** Whether a share of all such questions is above a half, below it, or may be either. */
const half = (share: Share): "above" | "below" | "either" => {
  const [low, high] = boundsOf(share)
  return low > 0.5 ? "above" : high < 0.5 ? "below" : "either"
}

/** `97.2 % of 883 (95.9 to 98.1)`. */
const shown = (share: Share): string => {
  const [low, high] = boundsOf(share)
  return `${percent(share.share)} % of ${share.of} (${percent(low)} to ${percent(high)})`
}

/**
 * The verdict of a card, whatever the accuracy. All latents are exchanged for those of another question to which the model
 * says something else: where more than half of the answers stay, latents are decoration; where more than half become what
 * the model says to the other question, answers come from latents. Where the first latents alone are exchanged and the rest
 * is thought anew, it is a chain where more than half of the answers are those of the counterfactual chain, and none where
 * less than half are. "More" and "less" are so for all of the 95 % interval (Wilson); otherwise it cannot be told.
 *
 *     verdictOf({ stays: { share: 0.64, of: 883 }, goes: { share: 0.06, of: 883 }, follows: null }).answers // "are decorated"
 */
export const verdictOf = ({ follows, goes, stays }: Evidence): Verdict => {
  const answers =
    half(stays) === "above" ? "are decorated" : half(goes) === "above" ? "come from latents" : "cannot tell"
  const chainHalf = follows === null ? "either" : half(follows)
  const chain = chainHalf === "above" ? "goes on" : chainHalf === "below" ? "does not go on" : "cannot tell"
  if (answers === "are decorated")
    return {
      answers,
      chain,
      sentence: `answers change little when latents are another question's, ${shown(stays)} stay: latents are decoration`
    }
  if (answers === "cannot tell")
    return {
      answers,
      chain,
      sentence:
        stays.of === 0
          ? "whether answers come from latents cannot be told: no two questions have as many latents and different answers"
          : `whether answers come from latents cannot be told: when these are another question's, ${shown(stays)} stay and ${shown(goes)} become its answer`
    }
  const carried = `answers come from the latents: when these are another question's, ${shown(goes)} become its answer`
  const changed = follows === null ? "" : `when the first changes, ${shown(follows)} change as the steps say`
  const followed = {
    "goes on": `, and later latents go on from the first: ${changed}`,
    "does not go on": `, but later latents do not go on from the first: ${changed}`,
    "cannot tell": `; whether later latents go on from the first ${follows === null || follows.of === 0 ? "is not known" : `cannot be told: ${changed}`}`
  }
  return { answers, chain, sentence: carried + followed[chain] }
}
