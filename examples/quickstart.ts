import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { Program, Random, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"

const { spec } = Program

// A small network. "batch" is bound to a number by the arguments of each run; the other sizes the compiler checks.
const network = { w1: spec([2, 8]), b1: spec([8]), w2: spec([8]) }
type Network = Program.TensorsOf<typeof network>
type Points = Tensor.Tensor<["batch", 2]>

const predict = ({ w1, b1, w2 }: Network, x: Points) =>
  Tensor.sum(Tensor.mul(Tensor.tanh(Tensor.dense(x, w1, b1)), w2), -1)

const loss = (params: Network, x: Points, y: Tensor.Tensor<["batch"]>) =>
  Tensor.mean(Tensor.square(Tensor.sub(predict(params, x), y)))

const main = Effect.gen(function* () {
  const params = {
    w1: Random.normal(Random.key(1), [2, 8]),
    b1: Tensor.zeros([8]),
    w2: Random.normal(Random.key(2), [8])
  }
  const optimiser = Optimiser.adam({ learningRate: 0.05 })

  // One step: traced, differentiated, fused and compiled once. The state stays on the device.
  const initial = { params, memory: optimiser.init(params) }
  const step = yield* Program.make(
    ({ params, memory }, x, y) => {
      const { value, gradient } = valueAndGrad(loss)(params, x, y)
      const { updates, state } = optimiser.update(gradient, memory, params)
      return [{ params: Optimiser.applyUpdates(params, updates), memory: state }, value]
    },
    Program.specsOf(initial),
    spec(["batch", 2]),
    spec(["batch"])
  )

  const state = yield* Resident.make(initial)
  const x = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1]
  ]
  const y = [0, 1, 1, 0]
  for (let i = 0; i < 200; i++) {
    const error = yield* Program.update(step, state, x, y)
    if (i % 50 === 0) console.log(`step ${i}: ${error.toArray().toFixed(4)}`)
  }

  const trained = yield* Program.make(
    (state, x) => predict(state.params, x),
    Program.specsOf(initial),
    spec(["batch", 2])
  )
  const answers = yield* trained(state, x)
  console.log(answers.toArray().map((answer) => Math.abs(answer).toFixed(1)))
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Wasm.layer())))
