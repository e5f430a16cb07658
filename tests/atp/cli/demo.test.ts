/** The main job from beginning to end, as small as it can be. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { demoStages, summarise } from "../../../packages/atp/src/cli/demo.ts"
import { atpLatent } from "../../../packages/atp/src/methods/atpLatent.ts"
import { pipelineOf } from "../../../packages/atp/src/cli/run.ts"
import { runIn } from "../../../packages/atp/src/pipeline/run.ts"
import { tableOf } from "../../../packages/atp/src/report/table.ts"
import { Config } from "../inside.ts"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

test("every model is in the table with a guess, an interval and its tokens, those that think with the donor's share, and what is real is said", async () => {
  const config = await Effect.runPromise(
    Config.configFrom({
      heldOut: "validation",
      evaluate: 12,
      attempts: 2,
      model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8 },
      supervised: { problems: 40, batch: 4, warmStart: 2, perStage: 1, final: 1 },
      reinforcement: { rounds: 1, questions: 2, group: 4, minibatch: 8 }
    })
  )
  const { summary } = await Effect.runPromise(
    runIn(
      pipelineOf(config, [], atpLatent).pipe(demoStages(config)),
      mkdtempSync(join(tmpdir(), "noema-demo-")),
      {},
      summarise(performance.now())
    ).pipe(Effect.provide(Layer.merge(Wasm.layer({ threads: 1 }), NodeFileSystem.layer)))
  )
  const main = "ATP-Latent"
  const ways = ["+ more supervised", "+ right answers supervised", "+ random reward", "+ RL"]
  const forms = ["ATP-Latent, released", "ATP-Latent, grounded"]
  const rows = ["CoT-SFT", "No-CoT", "SIM-CoT", "SIM-CoT, one more latent", ...forms, main, ...ways]
  const mean = summary.results.filter(({ latents }) => latents !== "sampled")
  expect(mean.map(({ method }) => method)).toEqual(rows)
  expect(mean.filter(({ card }) => card?.donor != null).map(({ method }) => method)).toEqual(rows.slice(2))
  for (const row of rows) expect(tableOf(summary.results)).toContain(row)
  const [finding] = summary.findings
  expect(finding).toMatch(/^Against ATP-Latent \(\d+\.\d % of 12 questions\)/)
  for (const row of rows.filter((row) => row !== main)) expect(finding).toContain(row)
}, 120_000)
