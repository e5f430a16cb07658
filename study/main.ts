/**
 * `npm run study -- [--only CLAIM] [--list] [--page] [--minutes N]` runs the cells of claims that have no result, writes each to
 * `study/results`, and `docs/study.md` from them; `npm run study -- family` does so with those of all methods, of what papers
 * say of them and of recombinations, and `docs/family.md`. What was begun goes on; what is there is not done again. `--list`
 * says what is missing; `--page` runs nothing and writes the pages anew.
 */
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { beds, missingFile } from "./beds.ts"
import { type Cell, minutesOf, idOf } from "./cell.ts"
import { claims } from "./claims.ts"
import { familyCells, familyPage } from "./family.ts"
import { cellsOf, judge } from "./judge.ts"
import { allCells, page } from "./page.ts"
import { recombined } from "./recombined.ts"
import { current, readResults, writeResult } from "./results.ts"
import { digestsOf, runCell } from "./run.ts"
import { verified } from "./verified.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const usage = `usage: npm run study -- [family] [--only CLAIM]... [--list] [--page] [--minutes N]\nclaims: ${claims.map(({ id }) => id).join(", ")}\nclaims of the family: ${verified.map(({ id }) => id).join(", ")}`

const refuse = (what: string): never => {
  console.error(`${what}\n${usage}`)
  process.exit(1)
}

const options = (() => {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true, default: [] },
        list: { type: "boolean", default: false },
        page: { type: "boolean", default: false },
        minutes: { type: "string", default: "480" }
      }
    })
    return { ...values, positionals }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
})()
const isFamily = options.positionals.length > 0
if (isFamily && options.positionals.join(" ") !== "family")
  refuse(`expected nothing or family, found ${options.positionals.join(" ")}`)
const own = isFamily ? verified : claims
const unknown = options.only.find((id) => own.every((claim) => claim.id !== id))
if (unknown !== undefined) refuse(`no claim${isFamily ? " of the family" : ""} is called ${unknown}`)
const most = Number(options.minutes)
if (!(most > 0)) refuse(`expected a number of minutes above 0, found ${options.minutes}`)

const wanted = own.filter(({ id }) => options.only.length === 0 || options.only.includes(id))
const digests = await digestsOf([...allCells(claims), ...familyCells()])
const find = () => current(readResults(), digests)
const open = (cells: ReadonlyArray<Cell>) => cells.filter((cell) => find()(cell) === null)
const unrun = open(isFamily && options.only.length === 0 ? familyCells() : allCells(wanted))
const missing = unrun.filter(({ bed }) => missingFile(beds[bed]) === null)
for (const bed of new Set(unrun.map(({ bed }) => bed))) {
  const file = missingFile(beds[bed])
  if (file !== null) console.error(`cells of the bed ${bed} are left out: there is no file ${file}`)
}

const writePages = (): void => {
  writeFileSync(`${root}docs/study.md`, page(claims, find()))
  writeFileSync(`${root}docs/family.md`, familyPage(find()))
}

const takes = (cells: ReadonlyArray<Cell>): string =>
  `about ${Math.ceil(cells.reduce((sum, cell) => sum + minutesOf(cell), 0))} minutes`

if (options.list) {
  for (const claim of wanted) {
    const cells = cellsOf(claim)
    const left = open(cells)
    console.log(
      `${claim.id}: ${judge(claim, find()).verdict}, ${cells.length - left.length} of ${cells.length} cells${left.length > 0 ? `, ${takes(left)} for the rest` : ""}`
    )
  }
  if (isFamily && options.only.length === 0)
    for (const { cell } of recombined)
      console.log(`${idOf(cell)}: a recombination, ${find()(cell) === null ? "not run" : "run"}`)
  console.log(`${missing.length} cells are missing, ${takes(missing)} on two free cores`)
  const others = open(familyCells())
  if (!isFamily && options.only.length === 0)
    console.log(
      `the family: ${verified.length} claims and ${recombined.length} recombinations, ${others.length} cells are missing, ${takes(others)}; npm run study -- family --list`
    )
  process.exit(0)
}

const begun = performance.now()
for (const [i, cell] of (options.page ? [] : missing).entries()) {
  if ((performance.now() - begun) / 60_000 > most) {
    console.error(`${missing.length - i} cells are left for another ${most} minutes; start again to go on`)
    break
  }
  console.error(`${idOf(cell)}, ${i + 1} of ${missing.length}`)
  const told = (line: string) => console.error(`  ${line}`)
  const measured = await Effect.runPromise(Effect.result(runCell(cell, { runs: `${root}runs/study`, told })))
  if (measured._tag === "Failure") {
    console.error(measured.failure.message)
    process.exit(1)
  }
  writeResult(measured.success)
  console.log(`${idOf(cell)}: ${(100 * measured.success.accuracy).toFixed(1)} % in ${measured.success.seconds} s`)
  writePages()
}
writePages()
process.exit(0)
