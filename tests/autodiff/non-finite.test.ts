/** A loss or gradient that is not finite is told with its step and its first place. */
import { Optimiser, valueAndGrad } from "@noema/autodiff"
import { Program, Reference, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

type Vector = Tensor.Tensor<[number]>
interface Params {
  readonly w: Vector
  readonly layers: ReadonlyArray<{ readonly b: Vector }>
}
const paths = ["gradient.w", "gradient.layers.0.b", "gradient.layers.1.b", "gradient.layers.2.b"]
const tree = (leaves: ReadonlyArray<ReadonlyArray<number>>): Params => {
  const [w, ...rest] = leaves.map((leaf) => Tensor.fromArray(leaf, [leaf.length]) as Vector)
  return { w: w!, layers: rest.map((b) => ({ b })) }
}
const measured = <L>(loss: L, gradient: Params) =>
  Effect.runSync(Program.compute(Optimiser.vitals(loss, gradient)).pipe(Effect.provide(Reference.layer)))

const leaf = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 3 })
const gradients = fc.array(leaf, { minLength: 4, maxLength: 4 })
const bad = fc.constantFrom(NaN, Infinity, -Infinity)

describe("vitals", () => {
  it("of finite numbers are no event, and the norm is that of clipping", () => {
    fc.assert(
      fc.property(gradients, (leaves) => {
        const found = measured(Tensor.scalar(1), tree(leaves))
        expect(Optimiser.nonFinite(found, { step: 1, params: tree(leaves) })).toBeNull()
        expect(found.norm.data[0]).toBeCloseTo(Math.hypot(...leaves.flat()), 5)
      }),
      { numRuns: 20 }
    )
  })

  it("name the first parameter whose gradient is not finite", () => {
    fc.assert(
      fc.property(gradients, fc.array(fc.tuple(fc.nat(3), bad), { minLength: 1, maxLength: 3 }), (leaves, places) => {
        const spoilt = leaves.map((values, i) => {
          const place = places.find(([at]) => at === i)
          return place === undefined ? values : values.with(values.length - 1, place[1])
        })
        const event = Optimiser.nonFinite(measured(Tensor.scalar(1), tree(spoilt)), { step: 3, params: tree(leaves) })
        expect(event).toMatchObject({
          _tag: "NonFinite",
          what: "gradient",
          step: 3,
          path: paths[Math.min(...places.map(([at]) => at))]
        })
        expect(Number.isFinite(event!.value)).toBe(false)
      }),
      { numRuns: 30 }
    )
  })

  it("put the loss before the gradient, and its terms in their order", () => {
    const loss = { total: Tensor.scalar(1), answer: Tensor.scalar(-Infinity), thought: Tensor.scalar(NaN) }
    const event = Optimiser.nonFinite(measured(loss, tree([[NaN], [1], [1], [1]])), { step: 9 })
    expect(event!.message).toBe("the loss is -Infinity at step 9, first at loss.answer")
  })

  it("count a norm that f32 cannot hold, of one parameter or of all together", async () => {
    const told = (leaves: ReadonlyArray<ReadonlyArray<number>>) =>
      Program.compute(Optimiser.vitals(Tensor.scalar(1), tree(leaves))).pipe(
        Effect.map((found) => Optimiser.nonFinite(found, { step: 2, params: tree(leaves) })?.message),
        Effect.provide(Wasm.layer({ threads: 1 })),
        Effect.runPromise
      )
    expect(await told([[1], [3e38], [1], [1]])).toBe(
      "the norm of the gradient is Infinity at step 2, first at gradient.layers.0.b"
    )
    const root = Math.sqrt(2e38)
    expect(await told([[root], [root], [1], [1]])).toBe("the norm of the gradient is Infinity at step 2")
  })
})

describe("a training step that goes wrong", () => {
  const params = { scale: Tensor.scalar(1), w: Tensor.fromArray([1, 1]) }
  const optimiser = Optimiser.skipNonFinite(Optimiser.sgd({ learningRate: 0.1 }))
  const first = { params, optimiser: optimiser.init(params) }
  const step = (state: typeof first, x: Tensor.Tensor<[2]>) => {
    const loss = (p: typeof params) =>
      Tensor.add(Tensor.sum(Tensor.sqrt(Tensor.mul(p.w, x))), Tensor.square(p.scale)) as Tensor.Tensor<[]>
    const { value, gradient } = valueAndGrad(loss)(state.params)
    const next = optimiser.update(gradient, state.optimiser, state.params)
    return [
      { params: Optimiser.applyUpdates(state.params, next.updates), optimiser: next.state },
      Optimiser.vitals(value, gradient)
    ] as const
  }

  const layers = { reference: Reference.layer, wasm: Wasm.layer({ threads: 1 }) }
  it.each(Object.entries(layers))("fails with the step and the path on %s", async (_, layer) => {
    const outcomes = await Effect.gen(function* () {
      const state = yield* Resident.make(first)
      const train = yield* Program.make(step, Program.specsOf(first), Program.spec([2]))
      const told: Array<string> = []
      for (const [at, x] of [
        [1, 1],
        [4, 0],
        [-1, 4]
      ].entries()) {
        const found = yield* Program.update(train, state, x)
        const outcome = Effect.match(Optimiser.refuseNonFinite(found, { step: at + 1, params }), {
          onFailure: ({ message }) => message,
          onSuccess: () => "fine"
        })
        told.push(yield* outcome)
      }
      return told
    }).pipe(Effect.scoped, Effect.provide(layer), Effect.runPromise)
    // The root has an infinite slope at 0, and none below.
    expect(outcomes).toEqual([
      "fine",
      "the norm of the gradient is NaN at step 2, first at gradient.w",
      "the loss is NaN at step 3"
    ])
  })
})
