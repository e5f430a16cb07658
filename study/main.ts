/**
 * `npm run study -- [--only CLAIM] [--list] [--page] [--minutes N]` runs the cells of claims that have no result, writes each to
 * `study/results`, and `docs/study.md` from them; `npm run study -- family` does so with those of all methods, and
 * `docs/family.md`. What was begun goes on; what is there is not done again. `--page` runs nothing and writes the pages anew.
 */
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { beds, missingFile } from "./beds.ts"
import { minutesOf, idOf } from "./cell.ts"
import { claims } from "./claims.ts"
import { familyCells, familyPage } from "./family.ts"
import { cellsOf, judge } from "./judge.ts"
import { allCells, page } from "./page.ts"
import { current, readResults, writeResult } from "./results.ts"
import { digestsOf, runCell } from "./run.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const usage = `usage: npm run study -- [family] [--only CLAIM]... [--list] [--page] [--minutes N]\nclaims: ${claims.map(({ id }) => id).join(", ")}`

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
if (isFamily && options.only.length > 0) refuse("--only names claims; leave it out beside family")
const unknown = options.only.find((id) => claims.every((claim) => claim.id !== id))
if (unknown !== undefined) refuse(`no claim is called ${unknown}`)
const most = Number(options.minutes)
if (!(most > 0)) refuse(`expected a number of minutes above 0, found ${options.minutes}`)

const wanted = claims.filter(({ id }) => options.only.length === 0 || options.only.includes(id))
const digests = await digestsOf([...allCells(claims), ...familyCells()])
const find = () => current(readResults(), digests)
const unrun = (isFamily ? familyCells() : allCells(wanted)).filter((cell) => find()(cell) === null)
const missing = unrun.filter(({ bed }) => missingFile(beds[bed]) === null)
for (const bed of new Set(unrun.map(({ bed }) => bed))) {
  const file = missingFile(beds[bed])
  if (file !== null) console.error(`cells of the bed ${bed} are left out: there is no file ${file}`)
}

const writePages = (): void => {
  writeFileSync(`${root}docs/study.md`, page(claims, find()))
  writeFileSync(`${root}docs/family.md`, familyPage(find()))
}

if (options.list) {
  for (const claim of isFamily ? [] : wanted) {
    const cells = cellsOf(claim)
    const open = cells.filter((cell) => find()(cell) === null)
    const minutes = Math.ceil(open.reduce((sum, cell) => sum + minutesOf(cell), 0))
    console.log(
      `${claim.id}: ${judge(claim, find()).verdict}, ${cells.length - open.length} of ${cells.length} cells${open.length > 0 ? `, about ${minutes} minutes for the rest` : ""}`
    )
  }
  console.log(
    `${missing.length} cells are missing, about ${Math.ceil(missing.reduce((sum, cell) => sum + minutesOf(cell), 0))} minutes on two free cores`
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
