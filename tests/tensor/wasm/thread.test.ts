import { describe, expect, it } from "@effect/vitest"
import { Program, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { thisEngine } from "../../../packages/tensor/src/device/wasm/engine.ts"
import { layerOn } from "../../../packages/tensor/src/device/wasm/layer.ts"
import { reasonOf } from "../../../packages/tensor/src/device/wasm/thread.ts"

describe("a worker that does not start", () => {
  const failing = (workerUrl: string) =>
    Effect.gen(function* () {
      const twice = yield* Program.make((x) => Tensor.add(x, x), Program.spec([4]))
      return (yield* Effect.flip(twice([1, 2, 3, 4]))).message
    }).pipe(
      Effect.scoped,
      Effect.provide(layerOn(thisEngine, { threads: 2, workerUrl }, { dividing: 0, dividingFinely: 0, aWorker: 0 }))
    )

  it.effect("fails the run with the reason, whether it could not be made or not be found", () =>
    Effect.gen(function* () {
      expect(yield* failing("https://noema.invalid/worker.js")).toMatch(/^device wasm: worker \d died: .*file/)
      expect(yield* failing("no address")).toMatch(/^device wasm: worker \d died: Invalid URL/)
      expect(yield* failing(new URL("./no-such-worker.ts", import.meta.url).href)).toMatch(
        /^device wasm: worker \d died: .*no-such-worker\.ts/
      )
    })
  )

  it("says where it looked in a browser, which says nothing of a script that it cannot load", () => {
    const event = (fields: object) => fields as Event
    expect(reasonOf(event({}), { url: "https://a.example/worker.js" })).toBe(
      "its script https://a.example/worker.js could not be loaded or is no script; give workerUrl where it is"
    )
    expect(reasonOf(event({}), { text: "0" })).toContain("content security policy")
    expect(reasonOf(event({ message: "boom", filename: "w.js", lineno: 3 }), { url: "w.js" })).toBe("boom (w.js:3)")
    expect(reasonOf(event({ message: "boom", filename: "" }), { text: "0" })).toBe("boom")
  })
})
