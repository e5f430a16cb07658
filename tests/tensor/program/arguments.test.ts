/** What a program says to arguments that do not fit. */
import { expect, it } from "@effect/vitest"
import { Program, Resident, Tensor } from "@noema/tensor"
import * as Effect from "effect/Effect"
import { onReference } from "./support.ts"

const { spec } = Program
const layer = { q: spec(["d", "d"]), k: spec(["d", "d"]) }
const specs = { layers: [layer, layer], scale: spec([]) } as const
const square = (n: number) => ({ shape: [n, n], data: new Float32Array(n * n) })
const good = {
  layers: [
    { q: square(4), k: square(4) },
    { q: square(4), k: square(4) }
  ] as const,
  scale: 1
}
const x = { shape: [2, 4], data: new Float32Array(8) }
const tokens = new Int32Array(2)

/** Each line: the message, then the arguments. Types would refuse most of them. */
const wrong: ReadonlyArray<readonly [string, unknown, unknown, unknown]> = [
  [
    "params.layers.1.k: expected [d, d] where d is 4 as in params.layers.0.q, found [4, 5]",
    { ...good, layers: [good.layers[0], { q: square(4), k: { shape: [4, 5], data: new Float32Array(20) } }] },
    x,
    tokens
  ],
  [
    "x: expected [batch, d] where d is 4 as in params.layers.0.q, found [2, 5]",
    good,
    { shape: [2, 5], data: new Float32Array(10) },
    tokens
  ],
  ["x: expected [batch, d], found [2]", good, { shape: [2], data: new Float32Array(2) }, tokens],
  ["x: expected [batch, d], found []", good, 3, tokens],
  ["x: expected [batch, d], found 7 values", good, new Float32Array(7), tokens],
  ["x: expected f32 [batch, d], found Int32Array", good, new Int32Array(8), tokens],
  ["x: expected [batch, d], found nothing", good, undefined, tokens],
  ["x: expected [batch, d], found string eight", good, "eight", tokens],
  ["x: expected 8 values for [2, 4], found 7", good, { shape: [2, 4], data: new Float32Array(7) }, tokens],
  [
    "x: expected rows of 4 on axis 1, found an array of 3",
    good,
    [
      [1, 2, 3, 4],
      [1, 2, 3]
    ],
    tokens
  ],
  ["x: expected f32 values, found string a at 1", good, [[1, "a", 3, 4]], tokens],
  ["tokens: expected i32 [batch], found Float32Array", good, x, new Float32Array(2)],
  ["tokens: expected i32 values, found number 0.5 at 0", good, x, [0.5, 1]],
  ["tokens: expected [batch] where batch is 2 as in x, found [3]", good, x, [1, 2, 3]],
  [
    "params.layers.0.k: expected [d, d], found nothing",
    { ...good, layers: [{ q: square(4) }, good.layers[1]] },
    x,
    tokens
  ],
  [
    "params.layers.0.v: expected only the keys q, k, found this one",
    { ...good, layers: [{ ...good.layers[0], v: 1 }, good.layers[1]] },
    x,
    tokens
  ],
  ["params.layers: expected an array of 2, found an array of 1", { ...good, layers: [good.layers[0]] }, x, tokens],
  ["params.layers: expected an array of 2, found an object", { ...good, layers: { 0: good.layers[0] } }, x, tokens],
  ["params: expected an object with layers, scale, found an array of 0", [], x, tokens],
  ["params.scale: expected [], found [1]", { ...good, scale: [1] }, x, tokens],
  [
    "x: expected [batch, d], found a tensor, which is only a description until Program.compute gives its data",
    good,
    Tensor.ones([1, 4]),
    tokens
  ]
]

const make = Program.makeWith(
  { names: ["params", "x", "tokens"] },
  (params, x) => Tensor.matmul(x, params.layers[0].q),
  specs,
  spec(["batch", "d"]),
  spec(["batch"], "i32")
)

it.effect.each(wrong)("%s", ([message, ...args]) =>
  onReference(
    Effect.gen(function* () {
      const program = yield* make
      const error = yield* Effect.flip(program(...(args as unknown as Parameters<typeof program>)))
      expect(error).toBeInstanceOf(Program.ArgumentError)
      expect(error.message).toBe(message)
    })
  )
)

it.effect("the arguments these were made from do fit", () =>
  onReference(
    Effect.gen(function* () {
      const program = yield* make
      expect((yield* program(good, x, tokens)).sizes).toEqual([2, 4])
    })
  )
)

it.effect("a typed array without a shape needs a single open size", () =>
  onReference(
    Effect.gen(function* () {
      const program = yield* Program.make((x) => x, spec(["n", "m"]))
      const error = yield* Effect.flip(program(new Float32Array(6)))
      expect(error.message).toBe("arguments.0: expected [n, m], found 6 values without a shape")
    })
  )
)

it.effect("a product of names is the product of their sizes", () =>
  onReference(
    Effect.gen(function* () {
      const program = yield* Program.make((x) => x, spec(["h*d"]), spec(["h", "d"]))
      const grid = { shape: [2, 3], data: new Float32Array(6) }
      expect((yield* program(new Float32Array(6), grid)).sizes).toEqual([6])
      const error = yield* Effect.flip(program(new Float32Array(5), grid))
      expect(error.message).toBe("arguments.0: expected [6], found 5 values")
    })
  )
)

it.effect("residents are checked in the same words", () =>
  onReference(
    Effect.gen(function* () {
      const program = yield* Program.makeWith({ names: ["params"] }, (params) => params.b, {
        w: spec([2]),
        b: spec(["n"], "i32")
      })
      const run = (resident: Resident.Resident<unknown>) =>
        Effect.map(Effect.flip(program(resident as never)), (error) => error.message)
      expect(yield* run(yield* Resident.make({ w: Tensor.ones([2]) }))).toBe(
        "params.b: expected i32 [n], found nothing"
      )
      expect(yield* run(yield* Resident.make({ w: Tensor.ones([2]), b: Tensor.ones([2]) }))).toBe(
        "params.b: expected i32 [n], found [2]"
      )
      expect(yield* run(yield* Resident.make({ w: Tensor.ones([3]), b: Tensor.ones([2], "i32") }))).toBe(
        "params.w: expected [2], found [3]"
      )
      expect(yield* run(yield* Resident.make([Tensor.ones([3])]))).toBe(
        "params: expected an object with w, b, found a resident list"
      )
    })
  )
)

it.effect("values set into a resident are checked before any is written", () =>
  onReference(
    Effect.gen(function* () {
      const state = yield* Resident.make({ a: Tensor.zeros([2]), b: Tensor.zeros([2, 2]) })
      const error = yield* Effect.flip(Resident.set(state, { a: [1, 2], b: [[1, 2]] }))
      expect(error.message).toBe("b: expected [2, 2], found [1, 2]")
      expect((yield* Resident.get(state)).a.toArray()).toEqual([0, 0])
    })
  )
)

it("a specification without a dtype is f32, whatever is expected of it", () => {
  // @ts-expect-error f32 is not i32
  const found: Program.Spec<[4], "i32"> = Program.spec([4])
  expect(found.dtype).toBe("f32")
  const whole: Program.Spec<[4], "i32"> = Program.spec([4], "i32")
  expect(whole.dtype).toBe("i32")
})
