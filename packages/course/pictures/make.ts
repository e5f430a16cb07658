/** Draws the pictures of lessons that show what was computed: `npm run course:pictures [-- LESSON...]`. The others are drawn by hand. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { writeFileSync } from "node:fs"
import { attention } from "./attention.ts"
import { doesItThink } from "./doesItThink.ts"
import { gaussian } from "./gaussian.ts"
import { gradients } from "./gradients.ts"
import { policyGradient } from "./policyGradient.ts"
import { reward } from "./reward.ts"
import { speaking } from "./speaking.ts"
import { stopping } from "./stopping.ts"

const pictures = {
  "03-gradients": gradients,
  "04-attention": attention,
  "07-speaking": speaking,
  "08-stopping": stopping,
  "09-gaussian": gaussian,
  "10-reward": reward,
  "11-policy-gradient": policyGradient,
  "12-does-it-think": doesItThink
}

const wanted = process.argv.slice(2)
for (const [name, draw] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const picture = await Effect.runPromise(
    draw.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer({ threads: 1 }), NodeFileSystem.layer)))
  )
  writeFileSync(new URL(`../lessons/${name}/picture.svg`, import.meta.url), picture)
}
