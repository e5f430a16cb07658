/** Gradients of functions far longer than a stack of calls is deep. */
import { describe, expect, it } from "@effect/vitest"
import { checkpoint, grad } from "@noema/autodiff"
import { Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"

type Vector = Tensor.Tensor<[4]>

const links = 10_000
const at = Float32Array.of(0.25, -0.5, 0.75, 1)

const chain =
  (step: (y: Vector, x: Vector, i: number) => Vector, length = links) =>
  (x: Vector) => {
    let y = x
    for (let i = 0; i < length; i++) y = step(y, x, i)
    return y
  }

const gradient = (f: (x: Vector) => Vector) => (x: Vector) => grad((x: Vector) => Tensor.sum(f(x)))(x)

const tanhSlope = (x: number) => {
  let [y, slope] = [x, 1]
  for (let i = 0; i < links; i++) {
    y = Math.tanh(y)
    slope *= 1 - y * y
  }
  return slope
}

const cases: Readonly<Record<string, readonly [(x: Vector) => Vector, (x: number) => number]>> = {
  "of a sum of ten thousand terms": [gradient(chain((y, x) => Tensor.add(y, Tensor.mul(x, 0.5)))), () => 1 + links / 2],
  "of ten thousand functions of each other": [gradient(chain((y) => Tensor.tanh(y))), tanhSlope],
  "of ten thousand slices": [
    gradient(chain((y, x, i) => Tensor.add(y, Tensor.slice(x, 0, [i % 4, (i % 4) + 1])))),
    () => 1 + links
  ],
  "of checkpoints within each other's results": [
    gradient(chain((y) => checkpoint((y: Vector) => Tensor.mul(Tensor.sin(y), 1.0001))(y), 1000)),
    (x) => {
      let [y, slope] = [x, 1]
      for (let i = 0; i < 1000; i++) {
        slope *= 1.0001 * Math.cos(y)
        y = 1.0001 * Math.sin(y)
      }
      return slope
    }
  ]
}

describe.each([
  ["reference", Reference.layer],
  ["wasm", Wasm.layer({ threads: 2 })]
] as const)("the gradient on %s", (_, layer) => {
  it.effect.each(Object.entries(cases))("%s", ([, [of, expected]]) =>
    Effect.gen(function* () {
      const program = yield* Program.make(of, Program.spec([4]))
      const found = yield* program(at)
      at.forEach((x, i) => {
        const wanted = expected(x)
        expect(Math.abs(found.data[i]! - wanted)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(wanted)))
      })
    }).pipe(Effect.scoped, Effect.provide(layer))
  )
})
