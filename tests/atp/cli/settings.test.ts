/** The page has every setting of reinforcement with its default, and what it names is taken. */
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { Config } from "../inside.ts"

const page = readFileSync(join(import.meta.dirname, "../../../docs/atp-latent.md"), "utf8")
const [section] = /### Settings of reinforcement[^]*?(?=\n### )/.exec(page)!
const rows = [...section.matchAll(/^\| `(\w+)` \| `([^`]+)` \| (.*) \|$/gm)].map(([, name, fallback, said]) => ({
  name: name!,
  fallback: fallback!,
  said: said!
}))
const decoded = (reinforcement: object) =>
  Effect.runSync(Effect.map(Config.decodeConfig({ reinforcement }), (config) => config.reinforcement))

test("every setting of reinforcement has its row, with its default", () => {
  const shown = Object.entries(decoded({})).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value)
  ])
  expect(rows.map(({ fallback, name }) => [name, fallback])).toEqual(shown)
})

test("every word that a row names is taken", () => {
  for (const { name, said } of rows)
    for (const [, word] of said.matchAll(/`([a-z][a-z-]*)`/g))
      expect(decoded({ [name]: word })).toMatchObject({ [name]: word })
})
