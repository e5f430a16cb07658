/** All methods of the registry side by side: the same warm start, the same updates, the same questions, before reinforcement. */
import { Evaluate, Methods } from "@noema/atp"
import { type BedName, beds } from "./beds.ts"
import { type Cell, minutesOf } from "./cell.ts"
import { type Find, seeds } from "./judge.ts"
import type { Measured } from "./measured.ts"
import { percent, table } from "./markdown.ts"

/** Beds that methods are compared on. */
export const familyBeds = ["arithmetic", "walk"] as const satisfies ReadonlyArray<BedName>

const cellsOf = (bed: BedName, method: Methods.MethodName): ReadonlyArray<Cell> =>
  seeds.map((seed) => ({ bed, method, way: "start", seed }))

/** The cells, those of one seed of all methods before those of the next. */
export const familyCells = (): ReadonlyArray<Cell> => {
  const all = familyBeds.flatMap((bed) => Methods.methodNames.flatMap((method) => cellsOf(bed, method)))
  return seeds.flatMap((seed) => all.filter((cell) => cell.seed === seed))
}

const meanOf = (found: ReadonlyArray<Measured>, of: (measured: Measured) => number | null): number | null => {
  const there = found.map(of).filter((value) => value !== null)
  return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0) / there.length
}

const accuracyOf = (found: ReadonlyArray<Measured>): string => {
  const figures = found.map(({ accuracy }) => accuracy)
  if (figures.length < 2) return percent(figures[0]!)
  const { high, low, mean } = Evaluate.overSeeds(figures)
  return `${percent(mean)} (${percent(low)} to ${percent(high)})`
}

/** Latents are decoration where hardly any answer is the donor's though more are right than a guess gets. */
const saysOf = (found: ReadonlyArray<Measured>): string => {
  const [donor, accuracy, chance] = [
    meanOf(found, ({ card }) => card?.donor ?? null),
    meanOf(found, ({ accuracy }) => accuracy)!,
    meanOf(found, ({ chance }) => chance)!
  ]
  if (donor === null) return ""
  if (accuracy < chance + 0.05) return "at chance"
  return donor < accuracy / 4 ? "decoration" : donor > accuracy / 2 ? "used" : "partly used"
}

const rowsOf = (bed: BedName, find: Find): ReadonlyArray<ReadonlyArray<string>> =>
  Methods.methodNames.flatMap((method) => {
    const found = cellsOf(bed, method).flatMap((cell) => find(cell) ?? [])
    if (found.length === 0) return []
    const shown = (of: (measured: Measured) => number | null): string => {
      const mean = meanOf(found, of)
      return mean === null ? "" : percent(mean)
    }
    const training = found.filter((each) => each.training > 0)
    return [
      [
        `\`${method}\``,
        `${found.length}`,
        accuracyOf(found),
        meanOf(found, ({ tokens }) => tokens)!.toFixed(1),
        training.length === 0 ? "" : meanOf(training, (each) => each.training)!.toFixed(0),
        shown(({ card }) => card?.donor ?? null),
        shown(({ card }) => card?.follows?.share ?? null),
        shown(({ card }) => card?.zeroed ?? null),
        saysOf(found)
      ]
    ]
  })

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`

/** The page. */
export const familyPage = (find: Find): string => {
  const cells = familyCells()
  const missing = cells.filter((cell) => find(cell) === null)
  const minutes = Math.ceil(missing.reduce((sum, cell) => sum + minutesOf(cell), 0))
  return [
    "# The family, side by side",
    "",
    "This page is written by `npm run study -- family` from the files in `study/results`; edit those who make it, not it. What the methods are is [on a page of their own](methods.md).",
    "",
    `All begin with the same warm start on written chains and have the same number of updates after it, on the same questions; what is judged is what comes of that, before reinforcement, so a method that is made of reinforcement alone is shown where it begins. Means over seeds ${seeds.join(", ")} with Student's 95 % interval; settings are those of the methods' files, chosen on validation questions of other seeds or as their papers say. Tokens are latents and written symbols. Seconds are those of the method's own updates, with whatever else the machine did. With the latents of another question: how often the answer is then that of the donor; a method whose answers are right and hardly ever the donor's has latents that are decoration. Follows: the first latent alone is another question's, and the rest is thought anew.`,
    "",
    `${cells.length - missing.length} of ${cells.length} cells were run; those that are missing take about ${minutes} minutes on two free cores.`,
    ...familyBeds.flatMap((bed) => {
      const rows = rowsOf(bed, find)
      const [first] = cells.filter((cell) => cell.bed === bed).flatMap((cell) => find(cell) ?? [])
      return [
        "",
        `## ${capital(bed)}`,
        "",
        first === undefined
          ? `${capital(beds[bed].says)}. No cell was run yet.`
          : `${capital(beds[bed].says)}; ${first.problems} questions of each seed, a guess is right in ${percent(first.chance)} %.`,
        ...(rows.length === 0
          ? []
          : [
              "",
              table(
                ["method", "seeds", "right %", "tokens", "seconds", "donor", "follows", "zeroed", "latents are"],
                rows
              )
            ])
      ]
    }),
    ""
  ].join("\n")
}
