import * as fc from "fast-check"
import { expect, it } from "vitest"
import {
  atomic,
  call,
  f32,
  f32x4,
  i32,
  i32x4,
  ModuleBuilder,
  select,
  v128
} from "../../../packages/tensor/src/emit/wasm/assembler.ts"

const instantiate = (module: ModuleBuilder) => {
  const memory = new WebAssembly.Memory(module.shared ? { initial: 1, maximum: 16, shared: true } : { initial: 1 })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { env: { memory } })
  const run = (name: string, ...args: ReadonlyArray<number>) =>
    (instance.exports[name] as (...args: ReadonlyArray<number>) => void)(...args)
  return { run, floats: new Float32Array(memory.buffer), ints: new Int32Array(memory.buffer) }
}

it("constants and offsets of every size survive their encoding", () => {
  fc.assert(
    fc.property(fc.integer(), fc.float({ noNaN: true }), fc.integer({ min: 0, max: 15_000 }), (whole, real, word) => {
      const offset = 4 * word
      const module = new ModuleBuilder({ shared: false })
      module.function("write", ["i32"], (body, at) => {
        body.store(at, i32.const(whole), offset)
        body.store(at, f32.const(real), offset + 4)
        body.store(at, i32x4.const(whole, 1, -1, 0), offset + 8)
      })
      const { run, ints, floats } = instantiate(module)
      run("write", 0)
      expect([ints[word], ...ints.slice(word + 2, word + 6)]).toEqual([whole, whole, 1, -1, 0])
      expect(floats[word + 1]).toBe(real)
    }),
    { numRuns: 50 }
  )
})

it("a module holds several functions, which call one another and loop over a range", () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { maxLength: 40 }), (values) => {
      const module = new ModuleBuilder({ shared: true })
      const square = module.helper("square", ["f32"], "f32", (_, x) => f32.mul(x, x))
      module.function("squares", ["i32", "i32", "i32"], (body, from, to, count) => {
        const i = body.local("i32")
        body.for(i, 0, count, 1, () => {
          const at = i32.shl(i, 2)
          body.store(i32.add(to, at), call(square, f32.load(i32.add(from, at))))
        })
      })
      const { run, floats } = instantiate(module)
      floats.set(values)
      run("squares", 0, 1024, values.length)
      expect(Array.from(floats.subarray(256, 256 + values.length))).toEqual(values.map((x) => Math.fround(x * x)))
      expect(floats[256 + values.length]).toBe(0)
    }),
    { numRuns: 50 }
  )
})

it("a helper is made once for its name, also from within the function that needs it", () => {
  const module = new ModuleBuilder({ shared: false })
  let made = 0
  for (const name of ["one", "two"])
    module.function(name, ["i32", "f32"], (body, to, x) => {
      for (const at of [0, 4]) {
        const half = body.module.helper("half", ["f32"], "f32", (_, x) => {
          made++
          return f32.mul(x, 0.5)
        })
        body.store(to, call(half, x), at)
      }
    })
  const { run, floats } = instantiate(module)
  run("one", 0, 3)
  run("two", 8, 7)
  expect(Array.from(floats.subarray(0, 4))).toEqual([1.5, 1.5, 3.5, 3.5])
  expect(made).toBe(1)
})

it("vectors, lanes, blocks, branches, selects and atomics do what their names say", () => {
  const module = new ModuleBuilder({ shared: true })
  module.function("run", ["i32"], (body, n) => {
    const x = body.let(v128.load(0))
    body.store(16, f32x4.relaxedMadd(x, f32x4.splat(2), f32x4.const(1, 2, 3, 4)))
    body.store(32, i32x4.shuffle(x, f32x4.const(9), [3, 2, 1, 4]))
    body.storeLane(48, x, 2)
    body.store(52, f32x4.extractLane(v128.bitselect(x, f32x4.neg(x), f32x4.lt(x, f32x4.splat(2.5))), 3))
    body.store(56, select(i32.gtS(n, 3), i32.const(7), i32.const(8)))
    body.store(64, select(i32.gtS(n, 3), x, v128.load(16)))
    body.block((end) => {
      body.break(end, i32.eqz(n))
      body.atomicStore(80, n)
      body.drop(atomic.add(80, 5))
      body.store(84, atomic.compareExchange(80, i32.add(n, 5), 100))
      body.store(88, atomic.load(80))
    })
  })
  const { run, floats, ints } = instantiate(module)
  floats.set([1, 2, 3, 4])
  run("run", 2)
  expect(Array.from(floats.subarray(4, 14))).toEqual([3, 6, 9, 12, 4, 3, 2, 9, 3, -4])
  expect(ints[14]).toBe(8)
  expect(Array.from(floats.subarray(16, 20))).toEqual([3, 6, 9, 12])
  expect(Array.from(ints.subarray(20, 23))).toEqual([100, 7, 100])
})
