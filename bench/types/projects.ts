/** What it takes to type-check a package and an application that are there, beside another checkout, `--base=FOLDER`. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { Row } from "../harness/module.ts"
import { typeCheckOf } from "./compiler.ts"

const here = fileURLToPath(new URL("../..", import.meta.url))

/** The application is the examples that both checkouts have. */
const projects: Readonly<Record<string, ReadonlyArray<string>>> = {
  "packages/atp": ["packages/atp/src"],
  "an application of 7 files": [
    "browser/main",
    "browser/train",
    "own-method",
    "own-reward",
    "policy-gradient",
    "quickstart",
    "save"
  ].map((name) => `examples/${name}.ts`)
}

const build = (checkout: string): void => {
  const packages = ["tensor", "autodiff", "atp"].map((name) => `packages/${name}`)
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...packages], { cwd: checkout })
}

const linesIn = (checkout: string, sources: ReadonlyArray<string>): number =>
  sources
    .flatMap((each) =>
      each.endsWith(".ts")
        ? [each]
        : readdirSync(join(checkout, each), { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith(".ts"))
            .map((name) => join(each, name))
    )
    .reduce((sum, file) => sum + readFileSync(join(checkout, file), "utf8").split("\n").length - 1, 0)

/** Lines, instantiations, and the fewest seconds of some checks that took turns. */
export const projectsBeside = async (base: string, rounds: number): Promise<ReadonlyArray<Row>> => {
  const folders = [here, join(resolve(base), "/")] as const
  folders.forEach(build)
  const rows: Array<Row> = []
  for (const [project, sources] of Object.entries(projects)) {
    const found = folders.map((folder) => ({ lines: linesIn(folder, sources), instantiations: 0, ms: Infinity }))
    for (let round = 0; round < rounds; round++)
      for (const [i, folder] of folders.entries()) {
        const { checkMs, diagnostics, instantiations } = await typeCheckOf(folder, sources)
        if (diagnostics.length > 0) throw new Error(diagnostics[0]!.text)
        found[i] = { ...found[i]!, instantiations, ms: Math.min(found[i]!.ms, checkMs) }
      }
    found.forEach(({ instantiations, lines, ms }, i) =>
      rows.push({
        operation: i === 0 ? project : `${project}, base`,
        lines,
        instantiations,
        "instantiations per line": Number((instantiations / lines).toFixed(1)),
        "check ms": Math.round(ms)
      })
    )
  }
  return rows
}
