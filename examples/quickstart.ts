import { Program, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"

const main = Effect.gen(function* () {
  // "batch" is bound to a number by the arguments of each run; 3 and 2 are checked by the compiler.
  const predict = yield* Program.make(
    (weight, x) => Tensor.sigmoid(Tensor.matmul(x, weight)),
    Program.spec([3, 2]),
    Program.spec(["batch", 3])
  )
  const weight = [
    [1, -1],
    [0, 2],
    [0.5, 0]
  ]
  const y = yield* predict(weight, [[1, 1, 2]])
  console.log(y.toArray())
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Wasm.layer())))
