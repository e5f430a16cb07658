/**
 * `npm run bench -- NAME... [--quick] [--out FILE]` runs `bench/NAME/run.ts`, prints its table and writes it with the
 * facts of the machine to `bench/results/NAME.json`, from which it writes `docs/performance.md`. `all` means every benchmark there is.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { document, readResults } from "./harness/document.ts"
import { machine } from "./harness/machine.ts"
import type { BenchModule } from "./harness/module.ts"
import { table } from "./harness/table.ts"

const here = fileURLToPath(new URL(".", import.meta.url))
const known = readdirSync(here).filter((name) => existsSync(`${here}${name}/run.ts`))
const usage = `usage: npm run bench -- NAME... [--quick] [--out FILE]\nbenchmarks: ${known.join(", ")}, all`

const { values, positionals, tokens } = parseArgs({
  options: { quick: { type: "boolean", default: false }, out: { type: "string" } },
  allowPositionals: true,
  strict: false,
  tokens: true
})
const names = positionals.includes("all") ? known : positionals
const unknown = names.filter((name) => !known.includes(name))
if (names.length === 0 || unknown.length > 0) {
  console.error(unknown.length > 0 ? `no benchmark is called ${unknown.join(", ")}\n${usage}` : usage)
  process.exit(1)
}
if (values["out"] !== undefined && names.length > 1) {
  console.error("--out takes the results of one benchmark; name one")
  process.exit(1)
}
const args = tokens.flatMap((token) =>
  token.kind === "option" && token.name !== "quick" && token.name !== "out"
    ? [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`]
    : []
)

for (const name of names) {
  const facts = await machine()
  const { run } = (await import(`./${name}/run.ts`)) as BenchModule
  console.log(`\n## ${name}\n`)
  const { rows, notes } = await run({ quick: values["quick"] === true, args })
  if (rows.length > 0) console.log(table(rows))
  for (const note of notes) console.log(`\n${note}`)
  // Nothing measured, nothing to keep.
  if (rows.length === 0) continue
  // A quick run is no measurement and must not replace one.
  const file = typeof values["out"] === "string" ? resolve(values["out"]) : `${here}results/${name}.json`
  if (values["quick"] === true && values["out"] === undefined) continue
  const command = ["npm run bench --", name, ...args].join(" ")
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ name, command, machine: facts, rows, notes }, null, 2)}\n`)
  console.log(`\nwritten to ${file}`)
  if (values["out"] === undefined)
    writeFileSync(`${here}../docs/performance.md`, document(readResults(`${here}results`)))
}
process.exit(0)
