/** Half of a training, a file, and the other half: parameters and the optimiser's moments in safetensors. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Weights } from "@noema/atp"
import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { Program, Random, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"

const { spec } = Program

const params = { w: Random.normal(Random.key(1), [3, 1]), b: Tensor.zeros([1]) }
const optimiser = Optimiser.adam({ learningRate: 0.3 })
const initial = { params, memory: optimiser.init(params) }

const loss = ({ w, b }: typeof params, x: Tensor.Tensor<["batch", 3]>, y: Tensor.Tensor<["batch", 1]>) =>
  Tensor.mean(Tensor.square(Tensor.sub(Tensor.dense(x, w, b), y)))

const train = Program.make(
  ({ params, memory }, x, y) => {
    const { value, gradient } = valueAndGrad(loss)(params, x, y)
    const { updates, state } = optimiser.update(gradient, memory, params)
    return [{ params: Optimiser.applyUpdates(params, updates), memory: state }, value]
  },
  Program.specsOf(initial),
  spec(["batch", 3]),
  spec(["batch", 1])
)

type State = Resident.Resident<typeof initial>

const steps = Effect.fnUntraced(function* (state: State, from: number, to: number) {
  const step = yield* train
  const x = { shape: [4, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1) }
  for (let i = from; i < to; i++) {
    const error = yield* Program.update(step, state, x, [[1], [2], [3], [6]])
    if ((i + 1) % 20 === 0) console.log(`step ${i + 1}: ${error.toArray().toFixed(4)}`)
  }
})

const save = (file: string, state: State) =>
  Effect.flatMap(Resident.get(state), (values) => Weights.save(file, Weights.toWeights(values)))

/** Replaces the values of a state by those of a file, which must be of the same tree. */
const load = Effect.fnUntraced(function* (file: string, state: State) {
  const weights = yield* Weights.load(file)
  const values = yield* Resident.get(state)
  const difference = Weights.firstDifference(values, weights)
  if (difference !== null) return yield* Effect.fail(`${file}: ${difference}`)
  yield* Resident.set(state, Weights.fromWeights(values, weights))
})

const main = Effect.gen(function* () {
  const file = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/state.safetensors`
  const first = yield* Resident.make(initial)
  yield* steps(first, 0, 40)
  yield* save(file, first)

  // What follows could be another process: nothing but the file goes from the first state to the second.
  const second = yield* Resident.make(initial)
  yield* load(file, second)
  yield* steps(second, 40, 80)
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(Layer.merge(Wasm.layer(), NodeFileSystem.layer))))
