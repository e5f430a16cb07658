/** What the scores of a round were like, total and part by part: figures for metrics and reports. */
import { componentsOf, type Reward, type Score } from "./reward.ts"

/** Of one reward over a batch that lies group after group. */
export interface Spread {
  readonly mean: number
  /** Standard deviation over all attempts. */
  readonly deviation: number
  /** Share of groups in which all attempts score alike: they say nothing of what is better. */
  readonly flat: number
}

const mean = (xs: ReadonlyArray<number>): number => xs.reduce((sum, x) => sum + x, 0) / Math.max(1, xs.length)

/** Mean, deviation and share of flat groups; the scores of failed attempts are null and do not count. */
export const spreadOf = (totals: ReadonlyArray<number | null>, group: number): Spread => {
  const groups = Array.from({ length: Math.ceil(totals.length / group) }, (_, i) =>
    totals.slice(i * group, (i + 1) * group).filter((total) => total !== null)
  ).filter((scored) => scored.length > 0)
  const all = groups.flat()
  const centre = mean(all)
  return {
    mean: centre,
    deviation: Math.sqrt(mean(all.map((total) => (total - centre) ** 2))),
    flat: mean(groups.map((scored) => Number(scored.every((total) => total === scored[0]))))
  }
}

/**
 * The spread of a reward and of what it is made of, as figures by name: `reward`, `reward.deviation`, `reward.flat`, and
 * for a part called `correct` the same of `reward/correct`. Empty where no attempt was scored.
 */
export const figuresOfScores = <E, R>(
  reward: Reward<E, R>,
  scores: ReadonlyArray<Score | null>,
  group: number
): Readonly<Record<string, number>> => {
  if (scores.every((score) => score === null)) return {}
  const figures = (name: string, totals: ReadonlyArray<number | null>) => {
    const { deviation, flat, mean } = spreadOf(totals, group)
    return { [name]: mean, [`${name}.deviation`]: deviation, [`${name}.flat`]: flat }
  }
  const parts = scores.map((score) => (score === null ? null : componentsOf(reward, score)))
  const names = Object.keys(parts.find((each) => each !== null)!)
  return Object.assign(
    figures(
      "reward",
      scores.map((score) => score?.total ?? null)
    ),
    ...names.map((name) =>
      figures(
        `reward/${name}`,
        parts.map((each) => each?.[name] ?? null)
      )
    )
  )
}
