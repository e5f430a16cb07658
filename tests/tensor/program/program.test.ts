import { describe, expect, it } from "@effect/vitest"
import { Device, named, Program, Reference, Resident, ShapeError, Tensor, Wasm } from "@noema/tensor"
import { gather } from "@noema/tensor/graph"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import { program as programs } from "../matrix/combinations.ts"
import { counting, graft, onReference } from "./support.ts"

const { spec } = Program
const linear = { w: spec(["in", "out"]), b: spec(["out"]) }

const affine = Program.make(
  (params, x) => Tensor.add(Tensor.matmul(x, params.w), params.b),
  linear,
  spec(["batch", "in"])
)

const w = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }
const params = { w, b: [10, 20, 30] }

describe("run", () => {
  it.effect("binds names from its arguments, and gives typed host tensors", () =>
    onReference(
      Effect.gen(function* () {
        const predict = yield* affine
        const y: Program.HostTensor<["batch", "out"], "f32"> = yield* predict(params, [
          [1, 0],
          [0, 1],
          [1, 1]
        ])
        expect(y.shape).toEqual(["batch", "out"])
        expect(y.sizes).toEqual([3, 3])
        const rows: Array<Array<number>> = y.toArray()
        expect(rows).toEqual([
          [11, 22, 33],
          [14, 25, 36],
          [15, 27, 39]
        ])
        const again = yield* predict(params, new Float32Array(2))
        expect(again.sizes).toEqual([1, 3])
      })
    )
  )

  it.effect("takes every kind of host array for the same value", () =>
    onReference(
      Effect.gen(function* () {
        const sum = yield* Program.make((x) => Tensor.sum(x, 1), spec(["n", 2]))
        const data = Float32Array.of(1, 2, 3, 4)
        const forms = [data, Float64Array.from(data), { shape: [2, 2], data }] as const
        for (const form of forms) expect((yield* sum(form)).toArray()).toEqual([3, 7])
        expect(
          (yield* sum([
            [1, 2],
            [3, 4]
          ])).toArray()
        ).toEqual([3, 7])
        const identity = yield* Program.make((x) => Tensor.mul(x, 1), spec(["n", 2]))
        expect((yield* sum(yield* identity(data))).toArray()).toEqual([3, 7])
        const scalars = yield* Program.make((x, on) => [Tensor.neg(x), Tensor.not(on)], spec([]), spec([], "bool"))
        expect((yield* scalars(3, false)).map((each) => each.toArray())).toEqual([-3, true])
      })
    )
  )

  it.effect("keeps the tree its function returns, tuples and records", () =>
    onReference(
      Effect.gen(function* () {
        const split = yield* Program.make(
          (x) => ({ parts: [Tensor.neg(x), { twice: Tensor.mul(x, 2) }], same: x }),
          spec(["n"])
        )
        const { parts, same } = yield* split([1, 2])
        expect(parts[0].toArray()).toEqual([-1, -2])
        expect(parts[1].twice.toArray()).toEqual([2, 4])
        expect(same.toArray()).toEqual([1, 2])
      })
    )
  )

  it.effect("passes an array of layers on to a function that was written for one", () =>
    onReference(
      Effect.gen(function* () {
        const layers = [2, 3, 4].map((by) => ({ scale: Tensor.scalar(by) }))
        const net = (each: typeof layers, x: Tensor.Tensor<["n"]>) =>
          each.reduce((y, { scale }) => Tensor.mul(y, scale), x)
        const run = yield* Program.make((each, x) => net(each, x), Program.specsOf(layers), spec(["n"]))
        expect((yield* run(yield* Resident.make(layers), [1, 10])).toArray()).toEqual([24, 240])
      })
    )
  )

  it("gives what the interpreter gives", async () => {
    await fc.assert(
      fc.asyncProperty(programs(3, 12), async (sample) => {
        const specs = sample.graph.inputs.map((node) => spec(node.sizes, node.dtype))
        const run = Effect.gen(function* () {
          const program = yield* Program.make(
            (...xs: ReadonlyArray<Tensor.AnyTensor>) =>
              graft(
                sample.graph,
                xs.map((x) => x.node)
              ).map((node) => Tensor.fromNode(node)),
            ...specs
          )
          return yield* program(...(sample.inputs as ReadonlyArray<Float32Array>))
        })
        const found = await Effect.runPromise(onReference(run))
        const expected = interpret(sample.graph, sample.inputs)
        found.forEach((host, j) => {
          const rounded = host.dtype === "f32" ? Float32Array.from(expected[j]!) : expected[j]
          expect(host.data).toEqual(rounded)
        })
      }),
      { numRuns: 40 }
    )
  })
})

it.effect("a function that returns no tensor is a defect that says where", () =>
  onReference(
    Effect.gen(function* () {
      const counts = yield* Program.make((x) => ({ x, count: 3 }), spec(["n"]))
      const exit = yield* Effect.exit(counts([1]))
      expect(String(exit)).toContain("result.count: expected a tensor, an object or an array, found 3")
    })
  )
)

describe("compilation", () => {
  it.effect("happens once per binding of the names, tracing too", () => {
    const { compiled, layer } = counting()
    let traces = 0
    return Effect.gen(function* () {
      const total = yield* Program.make(
        (x, y) => {
          traces++
          return Tensor.add(Tensor.sum(x), Tensor.sum(y))
        },
        spec(["n"]),
        spec(["n", "m"])
      )
      const run = (n: number, m: number) => total(new Float32Array(n), { shape: [n, m], data: new Float32Array(n * m) })
      for (const [n, m] of [
        [2, 3],
        [2, 3],
        [3, 2],
        [2, 3],
        [3, 2]
      ] as const)
        yield* run(n, m)
      expect([traces, compiled.length]).toEqual([2, 2])
      yield* Effect.all([run(5, 5), run(5, 5), run(5, 5)], { concurrency: "unbounded" })
      expect([traces, compiled.length]).toEqual([3, 3])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect("can be asked for before the first run, and says what a run needs", () => {
    const { compiled, layer } = counting()
    return Effect.gen(function* () {
      const predict = yield* affine
      const { plannedBytes, kernels } = yield* Program.prepare(predict, { batch: 4, in: 2, out: 3 })
      expect(plannedBytes).toBeGreaterThanOrEqual(4 * 3 * 4)
      expect(kernels.run).toBeGreaterThan(0)
      yield* predict(params, new Float32Array(8))
      expect(compiled.length).toBe(1)
      const unnamed = yield* Effect.flip(Program.prepare(predict, { batch: 4, in: 2 }))
      expect(unnamed.message).toBe("out: expected a size, found nothing")
      const negative = yield* Effect.flip(Program.prepare(predict, { batch: -1, in: 2, out: 3 }))
      expect(negative.message).toBe("batch: expected a size, found -1")
      const unknown = yield* Effect.flip(Program.prepare(predict, { batch: 4, in: 2, out: 3, bacth: 8 }))
      expect(unknown.message).toBe("bacth: expected only the names in, out, batch, found this one")
    }).pipe(Effect.scoped, Effect.provide(layer))
  })
})

describe("compute", () => {
  it.effect("gives the values of a tree of tensors", () =>
    Effect.gen(function* () {
      const rows = named("rows", 2)
      const { a, b } = yield* Program.compute({ a: Tensor.ones([rows, 2]), b: [Tensor.arange(3)] })
      const typed: Program.HostTensor<["rows", 2], "f32"> = a
      expect(typed.toArray()).toEqual([
        [1, 1],
        [1, 1]
      ])
      expect(b[0].toArray()).toEqual([0, 1, 2])
      expect((yield* Program.compute(Tensor.fromArray([true, false]))).toArray()).toEqual([true, false])
    }).pipe(Effect.provide(Reference.layer))
  )
})

describe("failures", () => {
  it.effect("a ShapeError of the function is a typed failure, and leaves the program usable", () =>
    onReference(
      Effect.gen(function* () {
        const add = yield* Program.make((x, y) => Tensor.add(x, y as never), spec(["n"]), spec(["m"]))
        const error = yield* Effect.flip(add([1, 2], [1, 2, 3]))
        expect(error).toBeInstanceOf(ShapeError)
        expect(error.message).toBe("add: [n] and [m] do not broadcast, n is not m")
      })
    )
  )

  it.effect("anything else the function throws is a defect", () =>
    onReference(
      Effect.gen(function* () {
        const broken = yield* Program.make(
          (x) => {
            if (x.sizes[0] === 1) throw new Error("not one")
            return x
          },
          spec(["n"])
        )
        const exit = yield* Effect.exit(broken([1]))
        expect(String(exit)).toContain("not one")
        expect((yield* broken([1, 2])).toArray()).toEqual([1, 2])
      })
    )
  )

  it.effect("too little memory is found before anything runs, and names the largest tensor", () =>
    onReference(
      Effect.gen(function* () {
        const outer = yield* Program.make((x, y) => Tensor.matmul(x, y), spec(["n", 1]), spec([1, "m"]))
        const error = yield* Effect.flip(outer(new Float32Array(64), new Float32Array(64)))
        expect(error).toBeInstanceOf(Device.OutOfMemory)
        expect(error.message).toMatch(/device reference has 0\.0 MiB left .* its largest tensor is .*f32\[64,64\]/)
        expect((yield* outer([[2]], [[2]])).toArray()).toEqual([[4]])
      }),
      { limitBytes: 4096 }
    )
  )

  it.effect("checked mode names the operation, the index and the bound", () =>
    onReference(
      Effect.gen(function* () {
        const options = { checked: true }
        const pick = yield* Program.makeWith(
          options,
          (t, i) => Tensor.fromNode<["n"], "f32">(gather(t.node, i.node), ["n"]),
          spec([4]),
          spec(["n"], "i32")
        )
        expect((yield* pick([1, 2, 3, 4], [0, 3])).toArray()).toEqual([1, 4])
        const outside = yield* Effect.flip(pick([1, 2, 3, 4], [0, 7]))
        expect(outside.message).toContain("index 7 at [1] is outside 0 to 3")
        expect(outside).toBeInstanceOf(Device.CheckFailure)
      })
    )
  )

  it.effect("checked mode sees the indices of takeAlong as they were given", () =>
    Effect.gen(function* () {
      const specs = [spec([2, 3]), spec([2, 2], "i32")] as const
      const along = (x: Tensor.Tensor<[2, 3]>, index: Tensor.Tensor<[2, 2], "i32">) => Tensor.takeAlong(x, index, 1)
      const x = Float32Array.of(1, 2, 3, 4, 5, 6)
      for (const layer of [Reference.layer, Wasm.layer({ threads: 1 })])
        yield* Effect.gen(function* () {
          const clamped = yield* Program.make(along, ...specs)
          expect(
            (yield* clamped(x, [
              [0, 3],
              [-1, -4]
            ])).toArray()
          ).toEqual([
            [1, 3],
            [6, 4]
          ])
          const checked = yield* Program.makeWith({ checked: true }, along, ...specs)
          expect(
            (yield* checked(x, [
              [0, 1],
              [0, 2]
            ])).toArray()
          ).toEqual([
            [1, 2],
            [4, 6]
          ])
          const outside = yield* Effect.flip(
            checked(x, [
              [0, 3],
              [-1, 2]
            ])
          )
          expect(outside).toBeInstanceOf(Device.CheckFailure)
          expect(outside.message).toContain("index 3 at [0, 1] is outside 0 to 2")
        }).pipe(Effect.scoped, Effect.provide(layer))
    })
  )

  it.effect("checked mode names the first operation that makes NaN or infinity from finite values", () =>
    onReference(
      Effect.gen(function* () {
        const options = { checked: true }
        const logs = yield* Program.makeWith(options, (x) => Tensor.mul(Tensor.log(x), 0), spec([2, 2]))
        const nan = yield* Effect.flip(
          logs([
            [1, 1],
            [-2, 0]
          ])
        )
        expect(nan.message).toBe("log f32[2,2] of arguments.0: NaN at [1, 0] from -2")
        const powers = yield* Program.makeWith(options, (x) => Tensor.exp(x), spec([1]))
        expect((yield* Effect.flip(powers([100]))).message).toBe("exp f32[1] of arguments.0: Infinity at [0] from 100")
        // Infinities that were passed in are nobody's fault.
        expect((yield* powers([Infinity])).toArray()).toEqual([Infinity])
        const unchecked = yield* Program.make((x) => Tensor.log(x), spec([1]))
        expect((yield* unchecked([-1])).toArray()).toEqual([NaN])
      })
    )
  )
})
