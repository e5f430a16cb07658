/** Options from callers whose types nobody checked. */
import { describe, expect, it } from "@effect/vitest"
import { Device, GpuJs, Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

type Opened = Layer.Layer<Device.Device, Device.DeviceUnavailable>

/** The layer as a caller without types has it. */
const untyped = (layer: (options: never) => Opened) => layer as (options: unknown) => Opened

const wasm = untyped(Wasm.layer)
const gpujs = untyped(GpuJs.layer)
const reference = untyped(Reference.layerWith)
const auto = untyped(Device.layerAuto)

const modes = "one of webgpu, webgl2, headlessgl, webasm, cpu"
const refused: ReadonlyArray<readonly [string, Opened]> = [
  [`limitBytes: expected a number of bytes above 0, found "5"`, wasm({ limitBytes: "5" })],
  ["limitBytes: expected a number of bytes above 0, found NaN", wasm({ limitBytes: Number.NaN })],
  ["limitBytes: expected a number of bytes above 0, found -1", gpujs({ mode: "cpu", limitBytes: -1 })],
  [`limitBytes: expected a number of bytes above 0, found "5"`, gpujs({ mode: "cpu", limitBytes: "5" })],
  [`limitBytes: expected a number of bytes above 0, found "5"`, reference({ limitBytes: "5" })],
  [`limitBytes: expected a number of bytes above 0, found "5"`, auto({ limitBytes: "5" })],
  [`threads: expected a whole number from 1 to 64, found "2"`, wasm({ threads: "2" })],
  ["threads: expected a whole number from 1 to 64, found 1.5", wasm({ threads: 1.5 })],
  ["threads: expected a whole number from 1 to 64, found null", wasm({ threads: null })],
  ["threads: expected a whole number from 1 to 64, found 65", auto({ threads: 65 })],
  ["engineFlags: expected true or false, found 1", wasm({ engineFlags: 1 })],
  [`workerUrl: expected a URL, found ""`, wasm({ workerUrl: "" })],
  [
    "thread: expected only the options threads, engineFlags, limitBytes, workerUrl, found this one",
    wasm({ thread: 2 })
  ],
  [`mode: expected ${modes}, found "gpu"`, gpujs({ mode: "gpu" })],
  [`mode: expected ${modes}, found nothing`, gpujs({})],
  [`software: expected true or false, found "yes"`, gpujs({ mode: "cpu", software: "yes" })],
  ["tiled: expected true or false, found 0", gpujs({ mode: "cpu", tiled: 0 })],
  [
    `blocking: expected { threads: a number of at least 0, row: a number of at least 0 }, found {"threads":-1}`,
    gpujs({ mode: "cpu", blocking: { threads: -1 } })
  ]
]

describe("options of devices", () => {
  it.effect.each(refused)("%s", ([sentence, layer]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(Effect.asVoid(Device.Device), layer))
      expect(error._tag).toBe("DeviceUnavailable")
      expect(error.reason).toBe(sentence)
    })
  )

  it.effect("may be absent or undefined", () =>
    Effect.provide(Effect.asVoid(Device.Device), wasm({ threads: 1, limitBytes: undefined, workerUrl: undefined }))
  )
})

describe("options of programs", () => {
  const makeWith = Program.makeWith as unknown as (
    options: unknown,
    ...rest: ReadonlyArray<unknown>
  ) => ReturnType<typeof once>
  const once = () => Program.make((x) => Tensor.add(x, 1), Program.spec([1]))

  it.effect.each([
    [{ specialisations: 0 }, "options.specialisations: expected a whole number of at least 1, found 0"],
    [{ specialisations: "8" }, `options.specialisations: expected a whole number of at least 1, found "8"`],
    [{ checked: "yes" }, `options.checked: expected true or false, found "yes"`],
    [{ names: ["x", "x"] }, `options.names: expected a list of different names, found ["x","x"]`],
    [{ name: ["x"] }, "options.name: expected only the options checked, names, sizes, specialisations, found this one"]
  ])("%j", ([options, sentence]) =>
    Effect.gen(function* () {
      const program = yield* makeWith(options, (x: Tensor.Tensor<[1]>) => Tensor.add(x, 1), Program.spec([1]))
      const error = yield* Effect.flip(program([1]))
      expect([error._tag, error.message]).toEqual(["ArgumentError", sentence])
      expect((yield* Effect.flip(Program.prepare(program, {}))).message).toBe(sentence)
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )

  it.effect("of preparing", () =>
    Effect.gen(function* () {
      const program = yield* once()
      const error = yield* Effect.flip(Program.prepare(program, {}, { update: "no" } as unknown as { update: boolean }))
      expect(error.message).toBe(`options.update: expected true or false, found "no"`)
    }).pipe(Effect.scoped, Effect.provide(Reference.layer))
  )
})
