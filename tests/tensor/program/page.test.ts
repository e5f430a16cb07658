/** The code of docs/programs.md does what the page says. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const page = fs.readFileSync(new URL("../../../docs/programs.md", import.meta.url), "utf8")

const blocks = (language: string): ReadonlyArray<string> =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map((match) => match[1]!)

it("docs/programs.md prints what it shows, and type-checks", () => {
  const folder = new URL(".cache/", import.meta.url)
  fs.mkdirSync(folder, { recursive: true })
  const file = new URL("page.ts", folder)
  const [shell] = blocks("ts shell")
  fs.writeFileSync(
    file,
    shell!.replace("// the code below", () => blocks("ts").join("\n"))
  )
  fs.writeFileSync(
    new URL("tsconfig.json", folder),
    JSON.stringify({
      extends: "../../../tsconfig.json",
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["page.ts"],
      exclude: []
    })
  )
  const tsc = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url))
  execFileSync(process.execPath, [tsc, "-p", fileURLToPath(folder)], { encoding: "utf8" })
  const printed = execFileSync(process.execPath, ["--conditions=@noema/source", fileURLToPath(file)], {
    encoding: "utf8"
  })
  expect(printed).toBe(blocks("text").join(""))
})
