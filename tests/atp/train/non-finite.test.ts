import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Experiment, Held, Methods, TrainState, WeightsFile } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { changed, small } from "../small.ts"

test("a checkpoint whose weights are no numbers is not taken for a model", async () => {
  const experiment = small()
  const file = join(mkdtempSync(join(tmpdir(), "noema-finite-")), "cot.safetensors")
  const method = Methods.methods.cot
  const values = Experiment.firstParameters(experiment, method)
  const spoilt = changed(values, (value, i, path) => (path === "backbone.norm" && i === 3 ? Number.NaN : value))
  const message = await Effect.gen(function* () {
    yield* WeightsFile.saveWeights(file, yield* TrainState.stateOf(yield* Held.hold(method, experiment.sizes, spoilt)))
    return yield* Effect.flip(Effect.mapError(TrainState.parametersIn(file, values), ({ message }) => message))
  }).pipe(Effect.scoped, Effect.provide(Layer.merge(Reference.layer, NodeFileSystem.layer)), Effect.runPromise)
  expect(message).toBe(`${file}: malformed safetensors, backbone.norm: expected finite numbers, found NaN`)
})
