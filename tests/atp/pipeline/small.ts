/** Pipelines small enough for a test. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Methods, Pipeline, Task } from "@noema/atp"
import { type Device, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const fresh = () => mkdtempSync(join(tmpdir(), "noema-pipeline-"))

/** On the device that people train on: it keeps float32 between updates, as checkpoints do. */
export const run = <A, E>(effect: Effect.Effect<A, E, Device.Device | FileSystem.FileSystem>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, Layer.merge(Wasm.layer({ threads: 1 }), NodeFileSystem.layer)))

/** Options under which everything happens and nothing takes long. */
export const tiny = {
  seed: 3,
  model: { width: 8, layers: 1, heads: 2, kvHeads: 1, hidden: 8 },
  supervised: { problems: 40, batch: 4, warmStart: 2, perStage: 1, final: 2 },
  reinforcement: { rounds: 2, questions: 2, group: 4, minibatch: 4 },
  evaluate: 6,
  attempts: 2
}

export const pipeline = Pipeline.pipeline({
  task: Task.arithmetic({ values: 5, steps: 2 }),
  method: Methods.atpLatent,
  ...tiny
})
