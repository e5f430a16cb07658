import { type Device, Program, Reference, Tensor } from "@noema/tensor"
import { describe as layerOf, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const { spec } = Program
const linear = { w: spec(["in", "out"]), b: spec(["out"]) }

const affine = Program.make(
  (params, x) => Tensor.add(Tensor.matmul(x, params.w), params.b),
  linear,
  spec(["batch", "in"])
)

const w = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
const params = { w, b: [10, 20, 30] }

const on = <A, E>(effect: Effect.Effect<A, E, Device.Device | Scope.Scope>) =>
  Effect.scoped(effect).pipe(Effect.provide(Reference.layer))

layerOf("a program", () => {
  it.effect("binds names from its arguments, and gives typed host tensors", () =>
    on(
      Effect.gen(function* () {
        const predict = yield* affine
        const y = yield* predict(params, [
          [1, 0],
          [0, 1],
          [1, 1]
        ])
        const typed: Program.HostTensor<["batch", "out"], "f32"> = y
        expect(typed.shape).toEqual(["batch", "out"])
        expect(typed.sizes).toEqual([3, 3])
        expect(typed.toArray()).toEqual([
          [11, 22, 33],
          [14, 25, 36],
          [15, 27, 39]
        ])
        expect((yield* predict(params, new Float32Array(2))).sizes).toEqual([1, 3])
      })
    )
  )
})
