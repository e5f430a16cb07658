import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Experiment, Methods, TrainState, WeightsFile } from "@noema/atp"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { small } from "../reasoning/small.ts"

test("a checkpoint whose weights are no numbers is not taken for a model", async () => {
  const experiment = small()
  const file = join(mkdtempSync(join(tmpdir(), "noema-finite-")), "cot.safetensors")
  const model = Experiment.firstModel(experiment, Methods.methods.cot)
  const { norm } = model.backbone
  const spoilt = { ...model, backbone: { ...model.backbone, norm: { ...norm, data: norm.data.with(3, Number.NaN) } } }
  const hold = (values: typeof model) => TrainState.holdModel(values, experiment.config.supervised)
  const message = await Effect.gen(function* () {
    yield* WeightsFile.saveWeights(file, yield* TrainState.stateOf(yield* hold(spoilt)))
    return yield* Effect.flip(
      Effect.mapError(TrainState.restoreModel(file, yield* hold(model)), ({ message }) => message)
    )
  }).pipe(Effect.scoped, Effect.provide(Layer.merge(Reference.layer, NodeFileSystem.layer)), Effect.runPromise)
  expect(message).toBe(`${file}: malformed safetensors, trainable.backbone.norm: expected finite numbers, found NaN`)
})
