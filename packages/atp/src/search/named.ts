/** Searches by name, as on the command line: `vote-8`, `best-of-16`. */
import * as Result from "effect/Result"
import { quoted } from "../input/shown.ts"
import type { Reward } from "../rewards/reward.ts"
import { bestOf, mostAttempts, type Search, single, vote, weightedVote } from "./search.ts"

/** The forms that there are, with N for a number of attempts. */
export const searchForms = ["single", "vote-N", "weighted-vote-N", "best-of-N"] as const

/** Whether a name is that of a search that judges its attempts. */
export const isJudged = (name: string): boolean => /^(weighted-vote|best-of)-/.test(name)

/**
 * The search of a name, judged by a reward where it judges. Fails with a sentence for what is no search, for a number out of
 * range, and for a reward that is missing or not looked at.
 */
export const searchNamed = <E, R>(name: string, by: Reward<E, R> | null): Result.Result<Search<E, R>, string> => {
  const none = (reason: string) => Result.fail(reason)
  const [, form = "", digits = ""] = /^([a-z-]+?)(?:-(\d{1,9}))?$/.exec(name) ?? []
  const attempts = Number(digits)
  const isOne = form === "single" && digits === ""
  if (!isOne && (digits === "" || !searchForms.some((each) => each === `${form}-N`)))
    return none(`expected a search of ${searchForms.join(", ")}, found ${quoted(name)}`)
  if (!isOne && (attempts < 1 || attempts > mostAttempts))
    return none(`expected 1 to ${mostAttempts} attempts, found ${attempts} in ${name}`)
  if (!isJudged(name)) {
    if (by !== null) return none(`${name} looks at answers alone; leave out what they would be judged by, ${by.name}`)
    return Result.succeed(isOne ? single : vote(attempts))
  }
  if (by === null) return none(`expected something that ${name} judges its attempts by, found nothing`)
  return Result.succeed(form === "best-of" ? bestOf(attempts, by) : weightedVote(attempts, by))
}
