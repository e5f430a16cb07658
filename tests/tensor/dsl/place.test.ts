/** Parts of an axis read and written at a place that is known when traced, or when run. */
import { named, Program, Reference, Resident, Tensor, Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Any, make } from "./arbitrary.ts"
import { flat } from "./evaluate.ts"

const equal = (a: Tensor.AnyTensor, b: Tensor.AnyTensor): void => {
  expect(a.sizes).toEqual(b.sizes)
  expect(flat(a)).toEqual(flat(b))
}

const size = fc.integer({ min: 0, max: 4 })
const values = (n: number, start: number) => Array.from({ length: n }, (_, i) => start + i)
/** A tensor [outer, n, inner], and a part [outer, m, inner] of it. */
const operands = fc.tuple(size, size, size, size).map(([outer, n, m, inner]) => ({
  into: make(values(outer * n * inner, 1), [outer, n, inner]),
  part: make(values(outer * m * inner, 1001), [outer, m, inner]),
  outer,
  n,
  m,
  inner
}))

const put = Tensor.put as (x: Any, place: { axis: number; at: Tensor.At }, part: Any) => Any
const narrow = Tensor.narrow as (x: Any, axis: number, start: Tensor.At, length: number) => Any

describe("what is put", () => {
  it("takes the place of the cells from there on, and of no others; what falls outside is dropped", () =>
    fc.assert(
      fc.property(operands, fc.integer({ min: -6, max: 6 }), ({ into, part, outer, n, m, inner }, at) => {
        const expected = flat(into)
        for (let i = 0; i < outer; i++)
          for (let j = 0; j < m; j++)
            for (let k = 0; k < inner; k++)
              if (at + j >= 0 && at + j < n)
                expected[(i * n + at + j) * inner + k] = flat(part)[(i * m + j) * inner + k]!
        expect(flat(put(into, { axis: 1, at: Tensor.scalar(at, "i32") }, part))).toEqual(expected)
        if (at >= 0 && at + m <= n) expect(flat(put(into, { axis: -2, at }, part))).toEqual(expected)
      })
    ))

  it("is read there again, and the rest is what it was", () =>
    fc.assert(
      fc.property(operands, fc.nat(4), ({ into, part, n, m }, first) => {
        fc.pre(m <= n)
        const at = Math.min(first, n - m)
        const done = put(into, { axis: 1, at }, part)
        equal(narrow(done, 1, at, m), part)
        equal(put(done, { axis: 1, at }, narrow(into, 1, at, m)), into)
        const joined = [narrow(into, 1, 0, at), part, narrow(into, 1, at + m, n - at - m)]
        equal(done, Tensor.concat(joined, 1) as Any)
      })
    ))

  it("keeps the shape, in a pipe too", () => {
    const cache = Tensor.zeros([named("batch", 2), named("slots", 4), 3])
    const fresh = Tensor.ones([named("batch", 2), 1, 3])
    const next = cache.pipe(Tensor.put({ axis: 1, at: -1 }, fresh))
    const typed: Tensor.Tensor<["batch", "slots", 3]> = next
    expect(typed.shape).toEqual(["batch", "slots", 3])
    expect(flat(Tensor.sum(next, [0, 2]))).toEqual([0, 0, 0, 6])
  })

  it("may be of any dtype, which both have", () => {
    equal(
      Tensor.put(Tensor.zeros([3], "i32"), { axis: 0, at: 1 }, Tensor.ones([1], "i32")),
      Tensor.fromArray([0, 1, 0], [3], "i32")
    )
    equal(
      Tensor.put(Tensor.zeros([3], "bool"), { axis: 0, at: 1 }, Tensor.ones([2], "bool")),
      Tensor.fromArray([false, true, true])
    )
  })
})

describe("what is read at a place known when it runs", () => {
  it("is what is read at a number, and the nearest cells where it is out of range", () =>
    fc.assert(
      fc.property(operands, fc.integer({ min: -6, max: 6 }), ({ into, n, m }, at) => {
        fc.pre(m <= n && n > 0)
        const read = narrow(into, 1, Tensor.scalar(at, "i32"), m)
        if (at >= 0 && at + m <= n) equal(read, narrow(into, 1, at, m))
        const clamped = Array.from({ length: m }, (_, j) => Math.max(0, Math.min(n - 1, at + j)))
        equal(read, Tensor.take(into, Tensor.fromArray(Int32Array.from(clamped), [m]), 1 as never) as Any)
      })
    ))
})

describe("a cache", () => {
  const { spec } = Program
  /** Writes the square of x into a slot, and sums up what is there. */
  const step = (
    { cache, at }: { readonly cache: Tensor.Tensor<["batch", "slots"]>; readonly at: Tensor.Tensor<[], "i32"> },
    x: Tensor.Tensor<["batch", 1]>
  ) => {
    const next = Tensor.put(cache, { axis: 1, at }, Tensor.square(x))
    return [{ cache: next, at: Tensor.add(at, 1) }, Tensor.sum(next, 1)] as const
  }
  const specs = { cache: spec(["batch", "slots"]), at: spec([], "i32") }

  it.each([
    ["reference", Reference.layer],
    ["wasm", Wasm.layer({ threads: 2 })]
  ] as const)("is written slot by slot on %s", async (_, device) => {
    const sums = await Effect.gen(function* () {
      const state = yield* Resident.zeros(specs, { batch: 2, slots: 3 })
      const program = yield* Program.make(step, specs, spec(["batch", 1]))
      const sums = []
      for (let i = 1; i <= 3; i++) sums.push((yield* Program.update(program, state, [[i], [10 * i]])).toArray())
      expect((yield* Resident.get(state, ({ cache }) => cache)).toArray()).toEqual([
        [1, 4, 9],
        [100, 400, 900]
      ])
      return sums
    }).pipe(Effect.scoped, Effect.provide(device), Effect.runPromise)
    expect(sums).toEqual([
      [1, 100],
      [5, 500],
      [14, 1400]
    ])
  })

  /** The memory that a step of so many writes needs beside its argument, for each slot of eight rows. */
  const bytesPerSlot = (writes: number, update: boolean) =>
    Effect.gen(function* () {
      const program = yield* Program.make(
        ({ cache }, x) => {
          let [written, seen]: [typeof cache, Tensor.AnyTensor] = [cache, x]
          for (let slot = 0; slot < writes; slot++) {
            written = Tensor.put(written, { axis: 1, at: slot }, x)
            seen = Tensor.sum(written, 1)
          }
          return [{ cache: written }, seen]
        },
        { cache: spec(["batch", "slots"]) },
        spec(["batch", 1])
      )
      const bytes = (slots: number) =>
        Effect.map(Program.prepare(program, { batch: 8, slots }, { update }), ({ plannedBytes }) => plannedBytes)
      return ((yield* bytes(2000)) - (yield* bytes(1000))) / 1000
    }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)

  it("is written in place by an update, and any number of writes share one more", async () => {
    const cache = 8 * 4
    expect(await bytesPerSlot(1, true)).toBe(0)
    expect(await bytesPerSlot(5, true)).toBe(cache)
    expect(await bytesPerSlot(1, false)).toBe(cache)
  })
})

it("checked programs fail where a part does not fit", async () => {
  const said = (at: number, write: boolean) =>
    Effect.gen(function* () {
      const place = yield* Program.makeWith(
        { checked: true, names: ["at"] },
        (at: Tensor.Tensor<[], "i32">) =>
          write
            ? Tensor.put(Tensor.zeros([4]), { axis: 0, at }, Tensor.ones([2]))
            : Tensor.narrow(Tensor.zeros([4]), 0, at, 2),
        Program.spec([], "i32")
      )
      return (yield* Effect.flip(place(at))).message
    }).pipe(Effect.scoped, Effect.provide(Reference.layer), Effect.runPromise)
  expect(await said(3, true)).toBe("put f32[4] of at: index 3 at [] is outside 0 to 2")
  expect(await said(3, false)).toBe("gather i32[2]: index 4 at [1] is outside 0 to 3")
})
