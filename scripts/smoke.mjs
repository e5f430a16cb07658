// Run by check-smoke.mjs inside a project that has only the packed packages: one program on three devices.
import "@noema/atp"
import "@noema/autodiff"
import { Device, GpuJs, Program, Reference, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"

const [batch, size] = [64, 128]
const values = (length) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 10007) / 10007 - 0.5)

/** Large enough for the worker threads to take part. */
const attention = Effect.gen(function* () {
  const { description } = yield* Device.Device
  const program = yield* Program.make(
    (x, w) => Tensor.matmul(Tensor.softmax(Tensor.matmul(x, w), -1), w),
    Program.spec(["batch", size]),
    Program.spec([size, size])
  )
  const { data } = yield* program(values(batch * size), values(size * size))
  return { description, data }
}).pipe(Effect.scoped)

const on = (layer) => Effect.runPromise(Effect.provide(attention, layer))
const reference = await on(Reference.layer)
for (const layer of [Wasm.layer({ threads: 2 }), GpuJs.layer({ mode: "webasm" })]) {
  const { data, description } = await on(layer)
  const apart = data.reduce((most, value, i) => Math.max(most, Math.abs(value - reference.data[i])), 0)
  if (!(apart < 1e-5)) throw new Error(`${description} is ${apart} away from ${reference.description}`)
  console.log(`Node ${process.version}, ${description}: within ${apart.toExponential(0)} of ${reference.description}`)
}
