/** What of the differences between models is real and what is noise, in words. */
import type { Estimate } from "../evaluate/bootstrap.ts"
import { differenceText, resultDifference } from "./differences.ts"
import type { Result } from "./summary.ts"

interface Against {
  readonly name: string
  readonly difference: Estimate
}

/**
 * One sentence on the models that answered the questions which one of them did first: which are better than that one and
 * which are worse by more than the questions vary (paired bootstrap, 95 %), and of which it cannot be told. Latents are at
 * their mean. Null where there is no such model, or no other.
 *
 *     findingOf(results, "ATP-Latent")
 *     // "Against ATP-Latent (54.0 % of 1000 questions), in points [...]: better is + RL +5.1 [3.9, 6.3]; ..."
 */
export const findingOf = (results: ReadonlyArray<Result>, from: string): string | null => {
  const taken = results.filter(({ latents }) => latents !== "sampled")
  const start = taken.find(({ method }) => method === from)
  if (start === undefined) return null
  const found = taken.flatMap((other): ReadonlyArray<Against> => {
    const difference = other.method === from ? null : resultDifference(other, start)
    return difference === null ? [] : [{ name: other.method, difference }]
  })
  if (found.length === 0) return null
  const better = found.filter(({ difference }) => difference.low > 0)
  const worse = found.filter(({ difference }) => difference.high < 0)
  const noise = found.filter((each) => !better.includes(each) && !worse.includes(each))
  const groups = [
    ["better", better],
    ["worse", worse],
    ["within noise", noise]
  ] as const
  const clauses = groups.flatMap(([how, some]) =>
    some.length === 0
      ? []
      : [
          `${how} ${some.length === 1 ? "is" : "are"} ${some.map(({ difference, name }) => `${name} ${differenceText(difference)}`).join(", ")}`
        ]
  )
  return (
    `Against ${from} (${(100 * start.accuracy).toFixed(1)} % of ${start.problems} questions), in points with what 95 % of ` +
    `paired resamples say: ${clauses.join("; ")}. Another seed may change more than other questions do.`
  )
}
