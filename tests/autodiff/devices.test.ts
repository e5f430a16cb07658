/** Gradients and training steps on the devices, against the interpreter. */
import { grad, Optimiser, valueAndGrad } from "@noema/autodiff"
import { Device, GpuJs, Program, Reference, Resident, Tensor, Wasm } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import { takeApart } from "@noema/tensor/tree"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { pullback } from "../../packages/autodiff/src/transform/pullback.ts"
import { programs, type Sample } from "./programs.ts"
import { numbers } from "./values.ts"

/** Relative to the largest element, or absolute where that is below 1: f32 with functions of a few ulp. */
const tolerance = 2e-5

const close = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>): void => {
  const scale = Math.max(1, ...expected.map(Math.abs))
  expect(found.length).toBe(expected.length)
  found.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(tolerance * scale))
}

const gradientOf = ({ sizes, of }: Sample): G.Graph => {
  const inputs = sizes.map((shape, i) => G.input(`x${i}`, shape, "f32"))
  const y = of(...inputs)
  const gradients = pullback([G.binary("mul", y, y)], [G.broadcast(G.scalar(1, "f32"), y.sizes, [])], inputs)
  return { inputs, outputs: gradients.filter((g) => g !== null) }
}

const layers = {
  reference: Reference.layer,
  wasm: Wasm.layer({ threads: 2 }),
  "gpu.js, cpu": GpuJs.layer({ mode: "cpu" })
}

for (const [name, layer] of Object.entries(layers))
  describe(`on ${name}`, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())

    const run = (graph: G.Graph, values: ReadonlyArray<Float32Array>) =>
      Effect.gen(function* () {
        const device = yield* Device.Device
        const executable = yield* device.compile(graph)
        return yield* executable.run(
          values,
          graph.outputs.map(() => null)
        )
      }).pipe(Effect.scoped, runtime.runPromise)

    it.each(Object.entries(programs))("the gradient of %s", async (_, sample) => {
      await fc.assert(
        fc.asyncProperty(sample, async (program) => {
          const graph = gradientOf(program)
          const values = program.data.map((x) => Float32Array.from(x))
          const found = await run(graph, values)
          interpret(graph, values).forEach((expected, i) => close([...found[i]!], [...expected]))
        }),
        { numRuns: 5 }
      )
    })

    it("training goes as by hand, step by step, with its state on the device", async () => {
      interface Params {
        readonly w: Tensor.Tensor<[3, 4]>
        readonly b: Tensor.Tensor<[4]>
      }
      const params: Params = {
        w: Tensor.fromArray(
          Float32Array.from({ length: 12 }, (_, i) => ((i * 5) % 7) / 7),
          [3, 4]
        ),
        b: Tensor.zeros([4])
      }
      const x = Float32Array.from({ length: 15 }, (_, i) => ((i * 7) % 11) / 11)
      const labels = Int32Array.of(0, 3, 1, 2, 0)
      const loss = (p: Params, x: Tensor.Tensor<["batch", 3]>, y: Tensor.Tensor<["batch"], "i32">) =>
        Tensor.crossEntropy(Tensor.add(Tensor.matmul(x, p.w), p.b), y)
      const optimiser = Optimiser.skipNonFinite(
        Optimiser.chain(
          Optimiser.clipByGlobalNorm(0.5),
          Optimiser.adamw({ learningRate: Optimiser.Schedule.cosine(0.1, 8) })
        )
      )
      const step = (state: typeof first, x: Tensor.Tensor<["batch", 3]>, y: Tensor.Tensor<["batch"], "i32">) => {
        const { value, gradient } = valueAndGrad(loss)(state.params, x, y)
        const next = optimiser.update(gradient, state.optimiser, state.params)
        return [{ params: Optimiser.applyUpdates(state.params, next.updates), optimiser: next.state }, value] as const
      }
      const first = { params, optimiser: optimiser.init(params) }
      const onDevice = await Effect.gen(function* () {
        const state = yield* Resident.make(first)
        const program = yield* Program.make(
          step,
          Program.specsOf(first),
          Program.spec(["batch", 3]),
          Program.spec(["batch"], "i32")
        )
        const losses: Array<number> = []
        for (let i = 0; i < 6; i++) {
          const batch = i === 3 ? x.map(() => NaN) : x
          losses.push((yield* Program.update(program, state, batch, labels)).data[0]!)
        }
        const { params: last, optimiser: counted } = yield* Resident.get(state)
        return {
          losses,
          w: [...last.w.data],
          skipped: counted.skipped.toArray()
        }
      }).pipe(Effect.scoped, runtime.runPromise)

      let state: typeof first = first
      const byHand: Array<number> = []
      for (let i = 0; i < 6; i++) {
        const batch = Tensor.fromArray(i === 3 ? x.map(() => NaN) : x, [5, 3]) as never
        const [next, value] = step(state, batch, Tensor.fromArray(labels, [5]) as never)
        byHand.push(numbers(value)[0]!)
        state = next as typeof first
      }
      expect(onDevice.skipped).toBe(1)
      expect(onDevice.losses[3]).toBeNaN()
      close(onDevice.losses.toSpliced(3, 1), byHand.toSpliced(3, 1))
      close(onDevice.w, numbers(state.params.w))
      expect(onDevice.losses[5]).toBeLessThan(onDevice.losses[0]!)
    })

    it("training goes on from a state that was copied to the host", async () => {
      const { accumulate, adamw, chain, clipByGlobalNorm, masked, momentum, Schedule, skipNonFinite } = Optimiser
      const params = { w: Tensor.fromArray([1, 2, 3]), layers: [{ b: Tensor.scalar(0.5) }] } as const
      const optimiser = skipNonFinite(
        accumulate(
          chain(
            clipByGlobalNorm(1),
            masked(momentum({ decay: 0.5 }), (path) => path === "params.layers.0.b"),
            adamw({ learningRate: Schedule.warmUpCosine({ peak: 0.1, warmUp: 1, steps: 9 }) })
          ),
          2
        )
      )
      const average = Optimiser.movingAverage({ decay: 0.9 })
      const first = { params, optimiser: optimiser.init(params), average: average.init(params) }
      const step = (state: typeof first, x: Tensor.Tensor<[3]>) => {
        const loss = (p: typeof params) => Tensor.sum(Tensor.square(Tensor.add(Tensor.mul(p.w, x), p.layers[0].b)))
        const { value, gradient } = valueAndGrad(loss)(state.params)
        const { updates, state: next } = optimiser.update(gradient, state.optimiser, state.params)
        const moved = Optimiser.applyUpdates(state.params, updates)
        return [{ params: moved, optimiser: next, average: average.update(moved, state.average) }, value] as const
      }
      const train = (pauses: boolean) =>
        Effect.gen(function* () {
          const program = yield* Program.make(step, Program.specsOf(first), Program.spec([3]))
          let state = yield* Resident.make(first)
          for (let i = 0; i < 8; i++) {
            yield* Program.update(program, state, [i, i === 2 ? NaN : 1, -1])
            if (pauses) state = yield* Resident.fromHost(Program.specsOf(first), yield* Resident.get(state))
          }
          const { leaves } = takeApart(yield* Resident.get(state), Program.isHostTensor, "state")
          return leaves.flatMap(({ data }) => [...data])
        }).pipe(Effect.scoped, runtime.runPromise)
      const [paused, last] = [await train(true), await train(false)]
      // The interpreter computes with more digits than the host is given.
      if (name === "reference") close(paused, last)
      else expect(paused).toEqual(last)
      expect(last.slice(0, 3)).not.toEqual([1, 2, 3])
    })

    it("third derivatives of a compiled program", async () => {
      const third = grad(grad(grad((x: Tensor.Tensor<[]>) => Tensor.sin(x) as Tensor.Tensor<[]>)))
      const value = await Effect.runPromise(Program.compute(third(Tensor.scalar(0.5))).pipe(Effect.provide(layer)))
      close([value.data[0]!], [-Math.cos(0.5)])
    })
  })
