/** The first screen: what a run says in two sentences, and six pictures of it. */
import type { Estimate } from "../evaluate/bootstrap.ts"
import { sameAnswer } from "../rewards/correctness.ts"
import { readable } from "./card.ts"
import { accuracyBounds, resultDifference, signed } from "./differences.ts"
import { percent } from "./markup.ts"
import { bars, type Bounded, forest, rounds, scatter } from "./pictures.ts"
import type { Result, Sample, Summary } from "./summary.ts"
import { escape } from "./svg.ts"

/** What the first screen is about: the models on one set of questions with latents at their mean, and the one that others are held against. */
interface Shown {
  readonly rows: ReadonlyArray<Result>
  readonly base: Result
}

/** The first set, and of its models the one that ways on begin with, which are called `+ ...`; else the first. */
const shownOf = ({ results }: Summary): Shown | null => {
  const rows = results.filter(({ latents, set }) => latents !== "sampled" && set === results[0]?.set)
  const way = rows.findIndex(({ method }) => method.startsWith("+ "))
  const base = rows[Math.max(0, way - 1)]
  return base === undefined ? null : { rows, base }
}

interface Held {
  readonly name: string
  readonly difference: Estimate
}

/** What every other model has more than the base, where it was asked the same. */
const heldAgainst = ({ base, rows }: Shown): ReadonlyArray<Held> =>
  rows.flatMap((row) => {
    const difference = row === base ? null : resultDifference(row, base)
    return difference === null ? [] : [{ name: row.method, difference }]
  })

const isNoise = ({ high, low }: Estimate): boolean => low <= 0 && high >= 0

/** `68.5 % with 4.9 tokens`, and whether that is more than a guess. */
const told = (result: Result): string => {
  const [low] = accuracyBounds(result)
  return `${percent(result.accuracy)} % with ${result.tokens.toFixed(1)} tokens${low <= result.chance ? ", which is at chance" : ""}`
}

/** What a run says: the base, the best, what each way on from the base changed, and what went wrong. */
export const verdictOf = (summary: Summary): string | null => {
  const shown = shownOf(summary)
  if (shown === null) return null
  const { base, rows } = shown
  const best = rows.reduce((best, row) => (row.accuracy > best.accuracy ? row : best))
  const ways = heldAgainst(shown).filter(({ name }) => name.startsWith("+ "))
  return [
    `${base.method} answers ${told(base)} (${base.problems} questions, a guess ${percent(base.chance)} %)` +
      (best === base ? "." : `; the best is ${best.method}, ${told(best)}.`),
    ...(ways.length === 0
      ? []
      : [
          `From there ${ways.map(({ difference, name }) => `${name.slice(2)} ${signed(difference.mean)}${isNoise(difference) ? " (within noise)" : ""}`).join(", ")}.`
        ]),
    ...(summary.warnings?.includes("AnswersCollapsed") === true ? ["Answers collapsed: see what went wrong."] : [])
  ].join(" ")
}

const card = (title: string, body: string, note: string): string =>
  body === "" ? "" : `<section class="card"><h2>${escape(title)}</h2>${body}<p>${escape(note)}</p></section>`

const costs = ({ rows, base }: Shown): string =>
  card(
    "What each method costs and gets",
    scatter(
      "Right answers in percent against tokens",
      rows.map((row) => {
        const [low, high] = accuracyBounds(row)
        return { name: row.method, value: 100 * row.accuracy, low: 100 * low, high: 100 * high, cost: row.tokens }
      }),
      { costs: "tokens a question", guess: 100 * base.chance }
    ),
    `Bars: 95 % interval of ${base.problems} questions.`
  )

const differences = (shown: Shown): string => {
  const held = heldAgainst(shown)
  const rows = held.map(({ difference: { high, low, mean }, name }): Bounded => ({
    name,
    value: 100 * mean,
    low: 100 * low,
    high: 100 * high
  }))
  return rows.length === 0
    ? ""
    : card(
        "Is the difference real?",
        forest(`Differences to ${shown.base.method} in points`, rows, `points above ${shown.base.method}`),
        "95 % intervals over questions (paired bootstrap); one that crosses 0 is noise. Another seed may change more."
      )
}

/** The last stage of reinforcement is the one that a run is about. */
const optimised = ({ reinforcement }: Summary): string => {
  const stage = reinforcement.at(-1)
  // What is watched has a chart of its own below, and accuracy is the same as a reward for it.
  const lines = (stage?.means ?? []).filter(
    ({ name }, _, all) =>
      !name.endsWith(", watched") && !(name === "accuracy" && all.some((each) => each.name === "correct"))
  )
  return stage === undefined || lines.length === 0
    ? ""
    : card(
        "What reinforcement optimised",
        rounds(`Means by round of ${stage.method}`, lines.slice(0, 6)),
        `${stage.method}: means over attempts, whose latents are noisier than those that are evaluated.`
      )
}

const isRight = ({ expected }: Sample, { answer }: Sample["before"]): boolean =>
  answer !== null && sameAnswer(answer, expected)
/** The same steps, in whatever order they are independent of each other. */
const isGold = ({ gold }: Sample, { steps }: Sample["before"]): boolean =>
  steps.toSorted().join("\n") === gold.toSorted().join("\n")

/** One that is right by its gold chain, one that is right by another, and one that is wrong, as far as there are some. */
const walksOf = ({ samples }: Summary): ReadonlyArray<Sample> =>
  [
    samples.find((each) => isRight(each, each.after) && isGold(each, each.after)),
    samples.find((each) => isRight(each, each.after) && !isGold(each, each.after)),
    samples.find((each) => !isRight(each, each.after))
  ].filter((each) => each !== undefined)

const walkOf = (sample: Sample): string => {
  const { after, expected, gold, question } = sample
  const right = isRight(sample, after)
  const steps = after.steps.map((step) => {
    const known = gold.includes(step)
    return `<li><code>${escape(step)}</code> <span class="${known ? "right" : "other"}">${known ? "✓ gold" : "not gold"}</span></li>`
  })
  const said = after.answer === null ? "no answer" : `answer ${after.answer}`
  return (
    `<div class="walk"><b><code>${escape(question)}</code></b> <small>expected ${escape(expected)}</small><ol>${steps.join("")}` +
    `<li class="end">${escape(said)} <b class="${right ? "right" : "wrong"}">${right ? "✓ right" : "✗ wrong"}</b></li></ol></div>`
  )
}

const walks = (summary: Summary): string => {
  const chosen = walksOf(summary)
  return chosen.length === 0
    ? ""
    : card(
        "What questions' walks are",
        chosen.map(walkOf).join(""),
        "What each latent decodes to. Several chains may solve a question; gold is the one it was made with."
      )
}

const inside = ({ base }: Shown): string => {
  if (base.card === null || base.card.probes.length === 0) return ""
  const rows = readable(base.card).map(({ accuracy, chance, name }) => ({
    name,
    value: 100 * accuracy,
    guess: 100 * chance,
    of: "plain" as const
  }))
  return card(
    `What is in a latent of ${base.method}?`,
    bars("What linear probes read out of latents, in percent", rows),
    "Linear probes, fitted on other questions; dashed is what the commonest value gets."
  )
}

const listens = ({ base }: Shown): string => {
  const { card: found, chance } = base
  if (found === null) return ""
  const guess = 100 * chance
  const rows = [
    { name: "as they are: right", value: 100 * found.asIs, guess, of: "plain" as const },
    { name: "zeroed: right", value: 100 * found.zeroed, guess, of: "bad" as const },
    { name: "with noise: right", value: 100 * found.noise, guess, of: "plain" as const },
    ...(found.donor === null
      ? []
      : [
          { name: "swapped: own answer", value: 100 * found.swapped, guess, of: "bad" as const },
          { name: "swapped: the other's", value: 100 * found.donor, guess, of: "good" as const }
        ]),
    ...(found.follows === null
      ? []
      : [{ name: "first swapped: follows", value: 100 * found.follows.share, of: "good" as const }])
  ]
  return card(
    `Does the answer of ${base.method} listen?`,
    bars("Answers where latents are others, in percent", rows),
    `${found.verdict.answers === "are decorated" ? "Latents are decoration. " : ""}Swapped: another question's latents in place of its own.`
  )
}

/** The verdict and the pictures, or nothing where nothing was evaluated. */
export const headline = (summary: Summary): string => {
  const shown = shownOf(summary)
  if (shown === null) return ""
  const pictures = [
    costs(shown),
    differences(shown),
    optimised(summary),
    walks(summary),
    inside(shown),
    listens(shown)
  ].join("")
  return `<p class="verdict">${escape(verdictOf(summary)!)}</p><div class="cards">${pictures}</div>`
}
