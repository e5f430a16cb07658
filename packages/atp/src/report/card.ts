/** The causal card as plain data, as lines for a terminal, and as what a table of the report shows. */
import * as Schema from "effect/Schema"
import type { Card } from "../evaluate/card.ts"
import { wilson } from "../evaluate/interval.ts"
import type { Probed } from "../evaluate/probe.ts"

const Share = Schema.Struct({ share: Schema.Finite, of: Schema.Int })

/** A causal card, beside the result that it is of. */
export const CardFigures = Schema.Struct({
  problems: Schema.Int,
  asIs: Schema.Finite,
  zeroed: Schema.Finite,
  mean: Schema.Finite,
  swapped: Schema.Finite,
  donor: Schema.NullOr(Schema.Finite),
  exchanged: Schema.Int,
  stays: Share,
  goes: Share,
  lastOnly: Schema.Finite,
  noise: Schema.Finite,
  early: Schema.Array(Schema.Finite),
  steps: Schema.Array(Schema.Struct({ zeroed: Share, follows: Schema.NullOr(Share), keeps: Schema.NullOr(Share) })),
  follows: Schema.NullOr(Share),
  chains: Schema.NullOr(
    Schema.Struct({
      rightAndWhole: Schema.Int,
      rightNotWhole: Schema.Int,
      wrongAndWhole: Schema.Int,
      wrongNotWhole: Schema.Int
    })
  ),
  probes: Schema.Array(
    Schema.Struct({
      property: Schema.String,
      place: Schema.NullOr(Schema.Int),
      accuracy: Schema.Finite,
      chance: Schema.Finite,
      of: Schema.Int
    })
  ),
  verdict: Schema.Struct({
    answers: Schema.Literals(["come from latents", "are decorated", "cannot tell"]),
    chain: Schema.Literals(["goes on", "does not go on", "cannot tell"]),
    sentence: Schema.String
  }),
  absent: Schema.Array(Schema.Tuple([Schema.String, Schema.String]))
})
export type CardFigures = typeof CardFigures.Type

const percent = (share: number): string => (100 * share).toFixed(1)

/** `97.2 [95.9, 98.1] of 883`. */
const shareText = ({ of, share }: typeof Share.Type): string => {
  const [low, high] = wilson(Math.round(share * of), of)
  return `${percent(share)} [${percent(low)}, ${percent(high)}] of ${of}`
}

/** Rows of a card: what is done to the latents, and the share of answers that are as said. */
export const cardRows = (card: CardFigures): ReadonlyArray<readonly [intervention: string, share: string]> => {
  const { chains, early, problems, steps } = card
  const whole = (share: number) => shareText({ share, of: problems })
  const exchanged = (share: number) => shareText({ share, of: card.exchanged })
  const why = (row: string): string => card.absent.find(([name]) => name === row)?.[1] ?? "of no question"
  return [
    ["as they are: right", whole(card.asIs)],
    ["all zeroed: right", whole(card.zeroed)],
    ["all at their mean: right", whole(card.mean)],
    ["the last alone: right", whole(card.lastOnly)],
    ["with noise: right", whole(card.noise)],
    ["another question's: right", exchanged(card.swapped)],
    ["another question's: the other's answer", card.donor === null ? "of no question" : exchanged(card.donor)],
    ["another question's: the answer stays", shareText(card.stays)],
    ["another question's: what is said to the other", shareText(card.goes)],
    ...(card.follows === null ? [["first step another question's, rest anew: follows", why("follows")] as const] : []),
    ...steps.flatMap(({ follows, keeps }, i) => {
      const step = `${i === 0 ? "first step" : `step ${i + 1}`} another question's, rest anew`
      return follows === null || keeps === null
        ? []
        : [[`${step}: follows`, shareText(follows)] as const, [`${step}: the answer stays`, shareText(keeps)] as const]
    }),
    ...steps.map(({ zeroed }, i) => [`step ${i + 1} zeroed, rest anew: right`, shareText(zeroed)] as const),
    ...early.map((share, n) => [`asked after ${n} ${n === 1 ? "step" : "steps"}: right`, whole(share)] as const),
    ...(chains === null
      ? []
      : [
          ["right, after a whole chain and not", `${chains.rightAndWhole} and ${chains.rightNotWhole}`] as const,
          ["wrong, after a whole chain and not", `${chains.wrongAndWhole} and ${chains.wrongNotWhole}`] as const
        ])
  ]
}

/** What can be read out of the latents of a place, beside what the commonest value gets. */
const probeRows = (card: CardFigures): ReadonlyArray<readonly [place: string, found: ReadonlyArray<Probed>]> =>
  [...Map.groupBy(card.probes, ({ place }) => place)].map(([place, found]) => [
    place === null ? "any latent" : `latent ${place + 1}`,
    found
  ])

/** What can be read out of latents by what it is, whichever latent it is of: means over their places. */
export const readable = ({
  probes
}: CardFigures): ReadonlyArray<{ readonly name: string; readonly accuracy: number; readonly chance: number }> =>
  [...Map.groupBy(probes, ({ property }) => property)].map(([name, found]) => {
    const of = found.reduce((sum, { of }) => sum + of, 0)
    const mean = (figure: "accuracy" | "chance") => found.reduce((sum, each) => sum + each[figure] * each.of, 0) / of
    return { name, accuracy: mean("accuracy"), chance: mean("chance") }
  })

/** Rows of what can be read out of latents: the accuracy of each probe, and what the commonest value gets. */
export const readRows = (card: CardFigures): ReadonlyArray<readonly [what: string, share: string]> =>
  probeRows(card).flatMap(([place, found]) =>
    found.map(
      ({ accuracy, chance, property }) =>
        [`${property} out of ${place}`, `${percent(accuracy)} (${percent(chance)})`] as const
    )
  )

/** The causal card in lines: what it says in words, then each intervention, then what can be read out of latents. */
export const cardText = (card: Card, chance: number): ReadonlyArray<string> => {
  const rows = cardRows(card)
  const width = Math.max(...rows.map(([name]) => name.length))
  const why = card.absent.find(([row]) => row === "probes")?.[1]
  return [
    card.verdict.sentence,
    `card, in percent with 95 % intervals; a guess gets ${percent(chance)}`,
    ...rows.map(([name, share]) => `  ${name.padEnd(width)}  ${share}`),
    ...(card.probes.length === 0
      ? [`read out of latents: ${why ?? "nothing was"}`]
      : [
          "read out of latents by linear probes, beside what the commonest value gets",
          ...probeRows(card).map(([place, found]) => {
            const said = found.map(
              ({ accuracy, chance, property }) => `${property} ${percent(accuracy)} (${percent(chance)})`
            )
            return `  ${place}: ${said.join(", ")}`
          })
        ])
  ]
}
