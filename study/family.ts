/** All methods of the registry side by side: the same warm start, the same updates, the same questions, before reinforcement. */
import { Evaluate, Methods } from "@noema/atp"
import { type BedName, beds } from "./beds.ts"
import { type Cell, idOf, minutesOf } from "./cell.ts"
import { type Find, seeds } from "./judge.ts"
import { allCells } from "./page.ts"
import { recombined, recombinedTable } from "./recombined.ts"
import { unjudged } from "./unjudged.ts"
import { verified } from "./verified.ts"
import { openList, verdictTable } from "./verdicts.ts"
import type { Measured } from "./measured.ts"
import { percent, table } from "./markdown.ts"

/** Beds that methods are compared on. */
export const familyBeds = ["arithmetic", "walk"] as const satisfies ReadonlyArray<BedName>

/** Methods that a bed leaves nothing to learn from, and why. */
const without: Readonly<Partial<Record<BedName, { readonly [M in Methods.MethodName]?: string }>>> = {
  walk: { cdpo: "written chains are right at all questions of reinforcement, and it learns from wrong ones" }
}

const cellsOf = (bed: BedName, method: Methods.MethodName): ReadonlyArray<Cell> =>
  seeds.map((seed) => ({ bed, method, way: "start", seed }))

/** The cells of the tables, those of one seed of all methods before those of the next. */
export const tableCells = (): ReadonlyArray<Cell> => {
  const all = familyBeds.flatMap((bed) =>
    Methods.methodNames
      .filter((method) => without[bed]?.[method] === undefined)
      .flatMap((method) => cellsOf(bed, method))
  )
  return seeds.flatMap((seed) => all.filter((cell) => cell.seed === seed))
}

/** All cells of the page, each once: of its tables, of what papers say, and of recombinations. */
export const familyCells = (): ReadonlyArray<Cell> => {
  const all = [...tableCells(), ...allCells(verified), ...recombined.flatMap(({ beside, cell }) => [cell, beside])]
  return [...new Map(all.map((cell) => [idOf(cell), cell])).values()]
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
            ]),
        ...Object.entries(without[bed] ?? {}).flatMap(([method, why]) => ["", `\`${method}\` has no row: ${why}.`])
      ]
    }),
    "",
    "## What papers say of them",
    "",
    "Judged as claims are on [the page of the study](study.md), each in the words of its paper as far as these cells can say it: **supported** where every figure that it names lies on its side with all of its 95 % interval over seeds, **not supported** where one lies on the other side with all of it, **undecided** between. Models here are of some hundred thousand numbers, trained for minutes.",
    "",
    verdictTable(verified, find),
    "",
    ...openList(unjudged),
    "",
    "## Parts of one method in another",
    "",
    "Recombinations that are values and nothing more, one seed each: what goes together, not what is better.",
    "",
    recombinedTable(find),
    ""
  ].join("\n")
}
