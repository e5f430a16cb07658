/** Accuracies as text, for a terminal of 80 columns. */
import type { Card } from "../evaluate/card.ts"
import { wilson } from "../evaluate/interval.ts"
import type { Probed } from "../evaluate/probe.ts"
import type { Share } from "../evaluate/verdict.ts"
import type { Result } from "./summary.ts"

/** What is known of an accuracy: its set, how many questions that is of, and what a guess gets. */
export type Judged = Pick<Result, "accuracy" | "chance" | "problems" | "set">

const percent = (share: number): string => (100 * share).toFixed(1)

/** The bounds of an accuracy in percent. */
export const intervalOf = ({
  accuracy,
  problems
}: Pick<Result, "accuracy" | "problems">): readonly [string, string] => {
  const [low, high] = wilson(Math.round(accuracy * problems), problems)
  return [percent(low), percent(high)]
}

/** `98.1 % of 1000 right (95 % interval 97.1 to 98.8; a guess 14.3)`. */
export const accuracyText = (judged: Judged): string => {
  const [low, high] = intervalOf(judged)
  return `${percent(judged.accuracy)} % of ${judged.problems} right (95 % interval ${low} to ${high}; a guess ${percent(judged.chance)})`
}

const nameWidth = 40
const fitted = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)

const rowOf = (result: Result): string => {
  const [low, high] = intervalOf(result)
  const name = result.latents === "none" ? result.method : `${result.method} (${result.latents})`
  return (
    `  ${fitted(name, nameWidth)}${percent(result.accuracy).padStart(8)}` +
    `${low.padStart(9)} – ${high.padStart(5)}${result.tokens.toFixed(1).padStart(10)}`
  )
}

/**
 * Results as text, a paragraph for every set with its questions and what a guess gets, and in it a row for every method with
 * its accuracy, the interval of that, and its tokens. No line has more than 80 signs.
 */
export const tableOf = (results: ReadonlyArray<Result>): string => {
  const head = `${"".padEnd(nameWidth + 2)}${"right %".padStart(8)}${"95 % interval".padStart(17)}${"tokens".padStart(10)}`
  const paragraphs = [...Map.groupBy(results, ({ set }) => set)].map(([set, rows]) => {
    const { chance, problems } = rows[0]!
    const asked = `${problems} ${problems === 1 ? "question" : "questions"}, a guess is right in ${percent(chance)} %`
    return [`${fitted(set, 32).trimEnd()}: ${asked}`, ...rows.map(rowOf)].join("\n")
  })
  return [head, ...paragraphs].join("\n")
}

/** `97.2 % of 883`, or why there is no such share. */
const shareText = (share: Share | null, why: string): string =>
  share === null ? why : `${percent(share.share)} % of ${share.of}`

const orWhy = ({ absent }: Card, row: string): string => absent.find(([name]) => name === row)?.[1] ?? "of no question"

/** Probes in a line for every place of a latent, and one for all of them. */
const probeText = (probes: ReadonlyArray<Probed>): ReadonlyArray<string> =>
  [...Map.groupBy(probes, ({ place }) => place)].map(([place, of]) => {
    const said = of.map(
      ({ accuracy, chance, property }) => `${property} ${percent(accuracy)} (the commonest ${percent(chance)})`
    )
    return `read out of ${place === null ? "any latent" : `latent ${place + 1}`}: ${said.join(", ")}`
  })

/** The causal card in lines: what it says in words, then shares of right answers under each intervention. */
export const cardText = (card: Card, chance: number): ReadonlyArray<string> => [
  card.verdict.sentence,
  `card of ${card.problems} questions (a guess ${percent(chance)} %): as it is ${percent(card.asIs)} %`,
  `latents zeroed ${percent(card.zeroed)}, their mean ${percent(card.mean)}, the last alone ${percent(card.lastOnly)}, with noise ${percent(card.noise)}`,
  `swapped ${percent(card.swapped)}, and the other question's answer ${card.donor === null ? "could not be asked for" : percent(card.donor)}`,
  `follows, the first step another question's and the rest thought anew: ${shareText(card.follows, orWhy(card, "follows"))}`,
  ...(card.early.length === 0
    ? []
    : [`asked after ${card.early.map((share, steps) => `${steps} steps ${percent(share)}`).join(", ")}`]),
  ...card.steps.map(
    ({ follows, zeroed }, step) =>
      `step ${step + 1} zeroed and the rest thought anew ${shareText(zeroed, "")}${step === 0 || follows === null ? "" : `, another question's ${shareText(follows, "")} follow`}`
  ),
  ...(card.chains === null
    ? []
    : [
        `right after a whole chain ${card.chains.rightAndWhole}, after none ${card.chains.rightNotWhole}; wrong after a whole chain ${card.chains.wrongAndWhole}, after none ${card.chains.wrongNotWhole}`
      ]),
  ...(card.probes.length === 0 ? [`read out of latents: ${orWhy(card, "probes")}`] : probeText(card.probes))
]
