/** Searches by name, as on the command line: `vote-8`, `best-of-16`. */
import * as Result from "effect/Result"
import { quoted } from "../input/shown.ts"
import type { Reward } from "../rewards/reward.ts"
import { beam, bestOf, mostAttempts, type Search, single, vote, weightedVote } from "./search.ts"

/** The forms that there are, with N for a number of attempts, and of a beam its width W and how often it goes on, S. */
export const searchForms = ["single", "vote-N", "weighted-vote-N", "best-of-N", "beam-WxS"] as const

/** Whether a name is that of a search that judges its attempts. */
export const isJudged = (name: string): boolean => /^(weighted-vote|best-of|beam)-/.test(name)

/** Searches by form, of the numbers that their names have. */
const unjudged = { single: () => single, vote: (attempts: number) => vote(attempts) }
const judged = <E, R>(by: Reward<E, R>) => ({
  "weighted-vote": (attempts: number) => weightedVote(attempts, by),
  "best-of": (attempts: number) => bestOf(attempts, by),
  beam: (width: number, samples: number) => beam(width, samples, by)
})

/** How a name of each form ends. */
const endings = {
  single: /^$/,
  vote: /^-(\d{1,9})$/,
  "weighted-vote": /^-(\d{1,9})$/,
  "best-of": /^-(\d{1,9})$/,
  beam: /^-(\d{1,9})x(\d{1,9})$/
} as const

const formOf = (name: string) => {
  for (const form of ["single", "vote", "weighted-vote", "best-of", "beam"] as const) {
    const found = name.startsWith(form) ? endings[form].exec(name.slice(form.length)) : null
    if (found !== null) return { form, numbers: found.slice(1).map(Number) }
  }
  return null
}

/**
 * The search of a name, judged by a reward where it judges. Fails with a sentence for what is no search, for a number out of
 * range, and for a reward that is missing or not looked at.
 */
export const searchNamed = <E, R>(name: string, by: Reward<E, R> | null): Result.Result<Search<E, R>, string> => {
  const found = formOf(name)
  if (found === null) return Result.fail(`expected a search of ${searchForms.join(", ")}, found ${quoted(name)}`)
  const { form, numbers } = found
  const [first = 1, second = 1] = numbers
  if (numbers.some((each) => each < 1) || first * second > mostAttempts)
    return Result.fail(`expected 1 to ${mostAttempts} attempts, found ${first * second} in ${name}`)
  if (form === "single" || form === "vote")
    return by === null
      ? Result.succeed(unjudged[form](first))
      : Result.fail(`${name} looks at answers alone; leave out what they would be judged by, ${by.name}`)
  return by === null
    ? Result.fail(`expected something that ${name} judges its attempts by, found nothing`)
    : Result.succeed(judged(by)[form](first, second))
}
