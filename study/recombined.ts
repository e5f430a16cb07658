/** Parts of one method in another, as rows of an experiment: one cell each, beside the one that it differs from. */
import { at, type Find } from "./judge.ts"
import { type Cell, idOf } from "./cell.ts"
import { percent, table } from "./markdown.ts"

/** A recombination, and what it is beside. */
export interface Recombined {
  readonly what: string
  readonly cell: Cell
  readonly beside: Cell
}

const seed = 1
const row = (what: string, cell: ReturnType<typeof at>, beside: ReturnType<typeof at>): Recombined => ({
  what,
  cell: cell(seed),
  beside: beside(seed)
})

/** The rows in the order of the page. */
export const recombined: ReadonlyArray<Recombined> = [
  row(
    "ATP-Latent's decoder, stop and reward over the density of Soft Tokens, against over its own",
    at("atp-latent-mixture", "full"),
    at("atp-latent", "full")
  ),
  row("CoLT reinforced for coherence as well, against before", at("colt", "full"), at("colt")),
  row(
    "the best of eight attempts by coherence, against by a reward model",
    at("sim-cot", "best-coherent"),
    at("sim-cot", "best")
  ),
  row("Cold Stop in ATP-Latent, against its stop head", at("atp-latent-cold"), at("atp-latent")),
  row("ATP-Latent's stop head in Coconut, against a fixed count", at("coconut-stopping"), at("coconut")),
  row(
    "ATP-Latent that has learnt from right and wrong attempts of one group by cDPO, against reinforcement",
    at("atp-latent-paired"),
    at("atp-latent", "full")
  ),
  row("a book of 64 codes in ATP-Latent, against its Gaussian", at("atp-latent-coded"), at("atp-latent"))
]

/** Their table: what was not run is left open. */
export const recombinedTable = (find: Find): string =>
  table(
    ["recombination", "cell", "right %", "tokens", "donor", "right %, the other", "tokens, the other"],
    recombined.map(({ beside, cell, what }) => {
      const [one, other] = [find(cell), find(beside)]
      return [
        what,
        `\`${idOf(cell)}\``,
        one === null ? "not run" : percent(one.accuracy),
        one === null ? "" : one.tokens.toFixed(1),
        one?.card?.donor == null ? "" : percent(one.card.donor),
        other === null ? "not run" : percent(other.accuracy),
        other === null ? "" : other.tokens.toFixed(1)
      ]
    })
  )
