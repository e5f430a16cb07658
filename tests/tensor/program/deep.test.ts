/** Programs far longer than a stack of calls is deep: nothing in the compiler or in a device recurses along a graph. */
import { describe, expect, it } from "@effect/vitest"
import { type Device, GpuJs, Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

type Vector = Tensor.Tensor<[4]>

const links = 10_000
const at = Float32Array.of(0.25, -0.5, 0.75, 1)

const chain =
  (step: (y: Vector, x: Vector) => Vector, length = links) =>
  (x: Vector) => {
    let y = x
    for (let i = 0; i < length; i++) y = step(y, x)
    return y
  }

/** A program and what it makes of each element of `at`; along a chain errors add up. */
interface Deep {
  readonly of: (x: Vector) => Vector
  readonly expected: (x: number, i: number) => number
  readonly tolerance: number
}

const deep: Readonly<Record<string, Deep>> = {
  "a sum of ten thousand terms": {
    of: chain((y, x) => Tensor.add(y, Tensor.mul(x, 0.5))),
    expected: (x) => x * (1 + links / 2),
    tolerance: 1e-4
  },
  "ten thousand functions of each other": {
    of: chain((y) => Tensor.tanh(y)),
    expected: (x) => Array.from({ length: links }).reduce((y: number) => Math.tanh(y), x),
    tolerance: 1e-3
  },
  "ten thousand views of each other": {
    of: chain((y) => Tensor.flip(y, 0)),
    expected: (x) => x,
    tolerance: 0
  },
  "values used twice, ten thousand times": {
    of: chain((y) => Tensor.sub(y, Tensor.mul(y, 1e-4))),
    expected: (x) => x * (1 - 1e-4) ** links,
    tolerance: 1e-3
  },
  "rows that are reduced and spread again": {
    of: chain((y) => Tensor.mul(Tensor.add(y, Tensor.max(y, 0)), 0.5), 2000),
    expected: () => 1,
    tolerance: 1e-6
  },
  "ten thousand parts side by side": {
    of: (x) => {
      const parts = Array.from({ length: links }, (_, i) => Tensor.mul(x, i % 7))
      return Tensor.sum(Tensor.reshape(Tensor.concat(parts, 0), [links, 4]), 0)
    },
    expected: (x) => x * Array.from({ length: links }, (_, i) => i % 7).reduce((a, b) => a + b),
    tolerance: 1e-4
  }
}

const devices: Readonly<Record<string, Layer.Layer<Device.Device, Device.DeviceUnavailable>>> = {
  reference: Reference.layer,
  wasm: Wasm.layer({ threads: 2 }),
  "gpujs-cpu": GpuJs.layer({ mode: "cpu" })
}

describe.each(Object.entries(devices))("on %s", (_, layer) => {
  it.effect.each(Object.entries(deep))("%s", ([, { of, expected, tolerance }]) =>
    Effect.gen(function* () {
      const program = yield* Program.make(of, Program.spec([4]))
      const found = yield* program(at)
      at.forEach((x, i) => {
        const wanted = expected(x, i)
        expect(Math.abs(found.data[i]! - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)))
      })
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})

describe("what only some devices do for a long program", () => {
  it.effect("many reductions of one value run in few kernels on wasm", () =>
    Effect.gen(function* () {
      const terms = 1000
      const program = yield* Program.make(
        (x) => {
          const h = Tensor.exp(x)
          let y = Tensor.sum(x)
          for (let i = 0; i < terms; i++) y = Tensor.add(y, Tensor.sum(Tensor.mul(h, i)))
          return y
        },
        Program.spec([4])
      )
      const { kernels } = yield* Program.prepare(program, {})
      expect(kernels.run).toBeLessThan(terms / 4)
      const expected = at.reduce((sum, x) => sum + x + (Math.exp(x) * terms * (terms - 1)) / 2, 0)
      expect((yield* program(at)).data[0]! / expected).toBeCloseTo(1, 4)
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })))
  )
})
