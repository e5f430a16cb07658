/** The examples that export a pipeline run, with a model so small that it learns nothing. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Model, Pipeline } from "@noema/atp"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const folder = fileURLToPath(new URL("../../examples/", import.meta.url))
const names = readdirSync(folder).filter((name) => name.startsWith("own-") && name.endsWith(".ts"))

const smaller = Pipeline.withOptions({
  model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8 },
  supervised: { problems: 40, batch: 4, warmStart: 2, perStage: 1, final: 1 },
  evaluate: 6
})

it.each(names)("%s", { timeout: 60_000 }, async (name) => {
  const { default: own } = (await import(join(folder, name))) as {
    readonly default: Pipeline.Pipeline<{ readonly message: string }>
  }
  const out = mkdtempSync(join(tmpdir(), "noema-example-"))
  const exported = join(out, "exported")
  const { evaluations, model, read } = await Effect.runPromise(
    Effect.gen(function* () {
      const outcome = yield* own.pipe(smaller).into(out)
      yield* Model.save(exported, outcome.model)
      return { ...outcome, read: yield* Model.load(exported, [outcome.model.method]) }
    }).pipe(Effect.provide(Layer.merge(Wasm.layer({ threads: 1 }), NodeFileSystem.layer)))
  )
  expect(read.parameters).toEqual(model.parameters)
  expect(evaluations.length).toBeGreaterThan(0)
  const stage = evaluations.at(-1)!.stage
  const report = readFileSync(join(out, "report.html"), "utf8")
  expect(report).toContain(stage)
  for (const { name } of model.method.terms) expect(report).toContain(`>${name}</span>`)
})

it("no example takes more than 25 lines beyond its imports, its pipeline and what it says", () => {
  for (const name of names) {
    const text = readFileSync(join(folder, name), "utf8")
    const body = text
      .replaceAll(/\/\*\*[\s\S]*?\*\//g, "")
      .split(/^export default /m)[0]!
      .split("\n")
      .filter((line) => line.trim() !== "" && !/^\s*(import|\/\/)/.test(line))
    expect([name, body.length <= 25]).toEqual([name, true])
  }
})
