/** Arrays that stay on the device from run to run, each output written over an argument. */
import { Device } from "../../packages/tensor/src/device/device.ts"
import * as build from "@noema/tensor/graph"
import { layer, type Mode } from "@noema/tensor/gpujs"
import * as Effect from "effect/Effect"

const a = build.input("a", [3], "f32")
const b = build.input("b", [3], "f32")
const sum = build.binary("add", a, b)

/** An argument handed on, an output, and the same output again. */
const fibonacci = { inputs: [a, b], outputs: [b, sum, sum] }

/** What is wrong, or null. */
export const checkState = (mode: Mode): Promise<string | null> =>
  Effect.gen(function* () {
    const device = yield* Device
    const [first, second, third] = yield* Effect.all([
      device.allocate("f32", 3, "first"),
      device.allocate("f32", 3, "second"),
      device.allocate("f32", 3, "third")
    ])
    yield* device.write(first, Float32Array.of(0, 0, 1))
    yield* device.write(second, Float32Array.of(1, 2, 0))
    const step = yield* device.compile(fibonacci)
    const total = yield* device.compile({ inputs: [a, b], outputs: [sum] })
    const found: Array<string> = []
    for (let turn = 0; turn < 7; turn++) {
      yield* step.run([first, second], [first, second, third])
      const [both] = yield* total.run([first, second], [null])
      const states = yield* Effect.forEach([first, second, third], (buffer) => device.read(buffer))
      found.push([...states, both!].map((data) => [...data].join()).join(" "))
    }
    const expected = Array.from({ length: 7 }, (_, turn) => {
      let [p, q] = [
        [0, 0, 1],
        [1, 2, 0]
      ]
      for (let i = 0; i <= turn; i++) [p, q] = [q!, p!.map((x, at) => x + q![at]!)]
      return [p!, q!, q!, p!.map((x, at) => x + q![at]!)].map((data) => data.join()).join(" ")
    })
    const wrong = found.findIndex((text, turn) => text !== expected[turn])
    return wrong < 0 ? null : `state after run ${wrong}: found ${found[wrong]}, expected ${expected[wrong]}`
  }).pipe(Effect.scoped, Effect.provide(layer({ mode, software: true })), Effect.runPromise)
