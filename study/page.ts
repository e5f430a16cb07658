/** `docs/study.md`, made from the results so that the two cannot disagree. */
import { Evaluate } from "@noema/atp"
import { type Bed, beds } from "./beds.ts"
import { type Cell, idOf, minutesOf } from "./cell.ts"
import { cellsOf, type Claim, type Find, seeds } from "./judge.ts"
import { percent, table } from "./markdown.ts"
import type { Measured } from "./measured.ts"
import { verdictTable } from "./verdicts.ts"

const preface = `# What was found out about latent reasoning

This page is written by \`npm run study\` from the files in \`study/results\`; edit those who make it, not it.

A claim is judged by cells: a method on a bed with a seed, and perhaps a way on from there. It is **supported** where every figure that it names lies on its side with the whole of its 95 % interval over seeds ${seeds.join(", ")} (Student's: of three seeds it reaches 2.5 deviations to either side), **not supported** where one lies on the other side with the whole of it, and **undecided** between. A cell that was not run, or has changed since, is **not run**. Questions are test questions; settings were chosen on validation questions of other seeds ([how](atp-latent.md#the-test-bed)).

\`npm run study -- --list\` says what is missing and how long it takes, \`npm run study -- --only CLAIM\` runs the cells of one claim, \`npm run study\` all that are missing. What was begun goes on.
`

/** All cells of claims, each once, in their order. */
export const allCells = (claims: ReadonlyArray<Claim>): ReadonlyArray<Cell> => [
  ...new Map(claims.flatMap(cellsOf).map((cell) => [idOf(cell), cell])).values()
]

const overSeeds = (figures: ReadonlyArray<number>): string =>
  figures.length < 2
    ? percent(figures[0]!)
    : (({ high, low, mean }) => `${percent(mean)} (${percent(low)} to ${percent(high)})`)(Evaluate.overSeeds(figures))

const figuresTable = (claims: ReadonlyArray<Claim>, find: Find): string => {
  const kinds = Map.groupBy(allCells(claims), ({ bed, method, way }) => [bed, method, way].join(" "))
  const rows = [...kinds.values()].flatMap((cells) => {
    const found = cells.map(find).filter((measured) => measured !== null)
    if (found.length === 0) return []
    const mean = (of: (measured: Measured) => number | null): string => {
      const there = found.map(of).filter((value) => value !== null)
      return there.length === 0 ? "" : percent(there.reduce((sum, value) => sum + value, 0) / there.length)
    }
    const { bed, method, way } = cells[0]!
    return [
      [
        bed,
        `\`${method}\``,
        way === "start" ? "" : way,
        `${found.length}`,
        overSeeds(found.map(({ accuracy }) => accuracy)),
        percent(found[0]!.chance),
        (found.reduce((sum, { tokens }) => sum + tokens, 0) / found.length).toFixed(1),
        mean(({ card }) => card?.donor ?? null),
        mean(({ card }) => card?.follows?.share ?? null),
        mean(({ card }) => card?.zeroed ?? null)
      ]
    ]
  })
  return rows.length === 0
    ? "None yet."
    : table(
        [
          "bed",
          "method",
          "then",
          "seeds",
          "accuracy (95 % over seeds)",
          "a guess",
          "tokens",
          "donor",
          "follows",
          "zeroed"
        ],
        rows
      )
}

/** The page. */
export const page = (claims: ReadonlyArray<Claim>, find: Find): string => {
  const cells = allCells(claims)
  const missing = cells.filter((cell) => find(cell) === null)
  const minutes = (of: ReadonlyArray<Cell>): number => of.reduce((sum, cell) => sum + minutesOf(cell), 0)
  const bedsSaid = Object.entries<Bed>(beds).map(
    ([name, { run, says, task }]) =>
      `- \`${name}\`: ${says}; \`${task.name}\`, ${JSON.stringify({ ...task.options, ...run })}`
  )
  return [
    preface,
    "## Claims\n",
    verdictTable(claims, find),
    "",
    missing.length === 0
      ? `All ${cells.length} cells were run.`
      : `${cells.length - missing.length} of ${cells.length} cells were run; those that are missing take about ${Math.ceil(minutes(missing))} minutes on two free cores.`,
    "\n## Figures\n",
    "In percent, but for tokens. With the latents of another question: how often the answer is then that of the donor. Follows: the first latent alone is another question's, and the rest is thought anew. Zeroed: accuracy without what latents say.\n",
    figuresTable(claims, find),
    "\n## Beds\n",
    "What is not said here is as `npm start` has it.\n",
    ...bedsSaid,
    ""
  ].join("\n")
}
