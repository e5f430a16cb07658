/** Sizes of names made of names, in programs and residents. */
import { describe, expect, it } from "@effect/vitest"
import { Program, Resident, ShapeError, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { onReference } from "./support.ts"

const { spec } = Program

const specs = { query: spec(["width", "heads*head"]), output: spec(["heads*head", "width"]) }
const parameters = {
  query: [
    [1, 0, 2, 0],
    [0, 1, 0, 3]
  ],
  output: [
    [1, 0],
    [0, 1],
    [1, 0],
    [0, 1]
  ]
}

/** The sum over heads of x in the space of a head, counted by head. */
const counted = (p: Program.TensorsOf<typeof specs>, x: Tensor.Tensor<["batch", "width"]>) => {
  const heads = Tensor.splitLast(Tensor.dense(x, p.query), ["heads", "head"])
  const weighed = Tensor.mul(heads, Tensor.cast(Tensor.expandDims(Tensor.arange(Tensor.dim(heads, 1)), 1), "f32"))
  return Tensor.dense(Tensor.mergeLast(weighed), p.output)
}

const expected = [[2, 6]]

describe("a product that no argument has apart", () => {
  it.effect("takes its sizes from the options, all or all but one", () =>
    onReference(
      Effect.gen(function* () {
        for (const sizes of [{ heads: 2, head: 2 }, { heads: 2 }, { head: 2 }]) {
          const program = yield* Program.makeWith({ sizes }, counted, specs, spec(["batch", "width"]))
          expect((yield* program(parameters, [[1, 2]])).toArray()).toEqual(expected)
        }
      })
    )
  )

  it.effect("takes them from a resident that was made of sizes, whole or in part", () =>
    onReference(
      Effect.gen(function* () {
        const state = yield* Resident.zeros(specs, { width: 2, heads: 2, head: 2 })
        yield* Resident.set(state, parameters)
        const program = yield* Program.make(counted, specs, spec(["batch", "width"]))
        expect((yield* program(state, [[1, 2]])).toArray()).toEqual(expected)
        const query = yield* Resident.zeros(spec(["width", "heads*head"]), { width: 2, heads: 2, head: 2 })
        yield* Resident.set(query, parameters.query)
        expect((yield* program({ ...parameters, query }, [[1, 2]])).toArray()).toEqual(expected)
      })
    )
  )

  it.effect("says which size it lacks, and which sizes contradict each other", () =>
    onReference(
      Effect.gen(function* () {
        const names = ["p", "x"]
        const plain = yield* Program.makeWith({ names }, counted, specs, spec(["batch", "width"]))
        const error = yield* Effect.flip(plain(parameters, [[1, 2]]))
        expect(error).toBeInstanceOf(ShapeError)
        expect(error.message).toBe('splitLast: the size of heads is not known here, say named("heads", size)')
        const said = (sizes: Record<string, number>) =>
          Effect.gen(function* () {
            const program = yield* Program.makeWith({ names, sizes }, counted, specs, spec(["batch", "width"]))
            return (yield* Effect.flip(program(parameters, [[1, 2]]))).message
          })
        expect(yield* said({ heads: 3 })).toBe("p.query: expected heads*head to be 3 * head, found 4")
        expect(yield* said({ heads: 2, head: 3 })).toBe("p.query: expected heads*head to be 2 * 3, found 4")
        expect(yield* said({ width: 3 })).toBe(
          "p.query: expected [width, heads*head] where width is 3 as in options.sizes.width, found [2, 4]"
        )
        expect(yield* said({ hedas: 2 })).toBe(
          "options.sizes.hedas: expected only the names width, heads*head, heads, head, batch, found this one"
        )
        expect(yield* said({ heads: 1.5 })).toBe("options.sizes.heads: expected a size, found 1.5")
      })
    )
  )

  it.effect("is prepared from its parts", () =>
    onReference(
      Effect.gen(function* () {
        const program = yield* Program.make(counted, specs, spec(["batch", "width"]))
        const { kernels } = yield* Program.prepare(program, { batch: 1, width: 2, heads: 2, head: 2 })
        expect(kernels.run).toBeGreaterThan(0)
        const missing = yield* Effect.flip(Program.prepare(program, { batch: 1, width: 2, heads: 2 }))
        expect(missing.message).toBe("head: expected a size, found nothing")
      })
    )
  )
})

it.effect("a sum takes its sizes from what is known of its terms", () =>
  onReference(
    Effect.gen(function* () {
      const program = yield* Program.make(
        (x: Tensor.Tensor<["question+latents+h*d", 2]>, latents) => {
          const thought = Tensor.slice(x, 0, "latents")
          return [Tensor.add(thought, latents), Tensor.slice(x, 0, "h*d")] as const
        },
        spec(["question+latents+h*d", 2]),
        spec(["latents", 2]),
        spec(["question"]),
        spec(["h"]),
        spec(["d"])
      )
      const x = Array.from({ length: 9 }, (_, i) => [i, i])
      const [sum, rest] = yield* program(x, [[10, 20]], [0, 0], [0, 0], [0, 0, 0])
      expect(sum.toArray()).toEqual([[12, 22]])
      expect(rest.toArray()).toEqual(x.slice(3))
    })
  )
)

describe("a resident of zeros", () => {
  it.effect("has the sizes it is given by name", () =>
    onReference(
      Effect.gen(function* () {
        const state = yield* Resident.zeros(
          { cache: [{ keys: spec(["batch", "slots", 2]) }], done: spec(["batch"], "bool"), at: spec(["batch"], "i32") },
          { batch: 2, slots: 1 }
        )
        const { at, cache, done } = yield* Resident.get(state)
        expect(cache[0].keys.toArray()).toEqual([[[0, 0]], [[0, 0]]])
        const typed: ReadonlyArray<boolean> = done.toArray()
        expect(typed).toEqual([false, false])
        expect(at.toArray()).toEqual([0, 0])
      })
    )
  )

  it.effect("refuses sizes that are missing or that no specification names, before the types can tell", () =>
    onReference(
      Effect.gen(function* () {
        const said = (sizes: Record<string, number>) =>
          Effect.map(Effect.flip(Resident.zeros(spec(["batch", "h*d"]), sizes as never)), ({ message }) => message)
        expect(yield* said({ batch: 2, h: 3 })).toBe("d: expected a size, found nothing")
        expect(yield* said({ h: 3, d: 3 })).toBe("batch: expected a size, found nothing")
        expect(yield* said({ batch: 2, h: 3, d: 3, w: 1 })).toBe(
          "w: expected only the names batch, h*d, h, d, found this one"
        )
      })
    )
  )

  it("lists in its type the sizes it needs", () => {
    const wanted = (sizes: Parameters<typeof Resident.zeros<typeof specs>>[1]): object => sizes
    wanted({ width: 1, heads: 2, head: 3 })
    // @ts-expect-error: the size of a head is missing
    wanted({ width: 1, heads: 2 })
    // @ts-expect-error: nothing has this name
    wanted({ width: 1, heads: 2, head: 3, batch: 4 })
  })
})

describe("a part of a resident", () => {
  const state = Resident.make({ params: { w: Tensor.arange(2), b: Tensor.ones([1]) }, step: Tensor.scalar(3, "i32") })

  it.effect("is read alone, in the form it is picked in", () =>
    onReference(
      Effect.gen(function* () {
        const cell = yield* state
        expect((yield* Resident.get(cell, ({ step }) => step)).toArray()).toBe(3)
        const [first, { twice }] = yield* Resident.get(cell, ({ params }) => [params.b, { twice: params.w }] as const)
        expect(first.toArray()).toEqual([1])
        const typed: Program.HostTensor<[2], "i32"> = twice
        expect(typed.toArray()).toEqual([0, 1])
      })
    )
  )

  it.effect("is a part, and nothing computed from one", () =>
    onReference(
      Effect.gen(function* () {
        const cell = yield* state
        const exit = yield* Effect.exit(Resident.get(cell, ({ params }) => ({ b: Tensor.add(params.b, 1) })))
        expect(String(exit)).toContain("picked.b: expected a part of the resident, found a tensor computed from it")
      })
    )
  )
})
