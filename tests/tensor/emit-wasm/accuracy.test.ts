/** How far the vector functions are from float64, in units in the last place of float32. */
import { evaluateUnary } from "./scalar.ts"
import { describe, expect, it } from "vitest"
import { runWasm } from "./run-wasm.ts"

type Kernel = Extract<Parameters<typeof runWasm>[0], { kind: "loop" }>
type Unary = Extract<Kernel["exprs"][number], { op: "unary" }>["fn"]
type Binary = Extract<Kernel["exprs"][number], { op: "binary" }>["fn"]
type DType = "f32" | "i32"

const flat = { offset: 0, strides: [1] }

const map = (length: number, inputs: number, value: Kernel["exprs"][number], dtype: DType = "f32"): Kernel => ({
  kind: "loop",
  axes: [length],
  row: [],
  exprs: [...Array.from({ length: inputs }, (_, buffer) => ({ op: "load", buffer, at: flat, dtype }) as const), value],
  stores: [{ buffer: inputs, at: flat, value: inputs, row: false }]
})

const unary = (fn: Unary, x: Float32Array, tier: "simd128" | "fma"): Float32Array =>
  runWasm(
    map(x.length, 1, { op: "unary", fn, x: 0, dtype: "f32" }),
    [x, new Float32Array(x.length)],
    tier
  )[1] as Float32Array

const binary = (fn: Binary, a: Float32Array, b: Float32Array): Float32Array =>
  runWasm(map(a.length, 2, { op: "binary", fn, a: 0, b: 1, dtype: "f32" }), [
    a,
    b,
    new Float32Array(a.length)
  ])[2] as Float32Array

/** The spacing of float32 numbers around y. */
const ulp = (y: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.max(Math.abs(y), 2 ** -126)))) - 23)

const between = (low: number, high: number, count = 20_001): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1))

/** Powers of two and what lies between them, over nearly all of float32. */
const wide = Float32Array.from({ length: 20_000 }, (_, i) => 2 ** (-126 + (253 * i) / 20_000))

const bounds: ReadonlyArray<readonly [Unary, number, ReadonlyArray<Float32Array>]> = [
  ["exp", 1, [between(-87.33, 88.722), between(-1, 1), between(88.3, 88.722)]],
  ["log", 1, [wide, between(0.5, 2)]],
  ["tanh", 6, [between(-10, 10), between(-0.01, 0.01)]],
  ["erf", 7, [between(-5, 5), between(-0.01, 0.01)]],
  ["sigmoid", 3, [between(-86, 88), between(-4, 4)]],
  ["sqrt", 0.5, [wide]],
  ["rsqrt", 1.5, [wide]]
]

describe.each(["simd128", "fma"] as const)("vector functions (%s)", (tier) => {
  it.each(bounds)("%s is within %d ulp", (fn, bound, samples) => {
    for (const x of samples) {
      const found = unary(fn, x, tier)
      let worst = 0
      x.forEach((at, i) => {
        const exact = evaluateUnary(fn, at)
        worst = Math.max(worst, Math.abs(found[i]! - exact) / ulp(exact))
      })
      expect(worst).toBeLessThanOrEqual(bound)
    }
  })

  it.each(["sin", "cos"] as const)("%s has an absolute error of at most 1.2e-7 everywhere", (fn) => {
    const powers = between(0, 38.5, 40_001).map((power) => 10 ** power)
    const samples = [
      between(-8192, 8192, 60_001),
      between(-7, 7),
      between(8000, 9000),
      powers,
      powers.map((x) => -x),
      // As near to multiples of pi/2 as float32 comes.
      Float32Array.of(16367173 * 2 ** 72, 3e5, 6.7e8, 3.4e38, 53371.073, 1.5707964, 4.712389, 11)
    ]
    for (const x of samples) {
      const found = unary(fn, x, tier)
      x.forEach((at, i) => {
        if (!(Math.abs(found[i]! - evaluateUnary(fn, at)) <= 1.2e-7)) expect.fail(`${fn}(${at}) is ${found[i]}`)
      })
    }
    expect([...unary(fn, Float32Array.of(Infinity, -Infinity, NaN), tier)]).toEqual([NaN, NaN, NaN])
  })

  it("exp goes down to zero through the numbers below the smallest normal", () => {
    const x = between(-120, -87.3, 5001)
    const found = unary("exp", x, tier)
    x.forEach((at, i) => {
      expect(Math.abs(found[i]! - Math.exp(at))).toBeLessThanOrEqual(at < -87.67 ? 8.4e-39 : 2 ** -149)
      if (i > 0) expect(found[i]).toBeGreaterThanOrEqual(found[i - 1]!)
    })
  })

  it("the ends of the number line come out as in float64", () => {
    const x = Float32Array.of(0, -0, Infinity, -Infinity, NaN, 3e38, -3e38, 89, -104)
    const fns = [
      "neg",
      "abs",
      "sign",
      "exp",
      "log",
      "sqrt",
      "rsqrt",
      "tanh",
      "erf",
      "sigmoid",
      "floor",
      "ceil",
      "round"
    ] as const
    for (const fn of fns) {
      const exact = Array.from(x, (at) => Math.fround(evaluateUnary(fn, at)))
      expect([fn, ...unary(fn, x, tier)]).toEqual([fn, ...exact])
    }
  })
})

it("pow is within 1 ulp, with the special cases of IEEE 754", () => {
  const bases = between(0.001, 40, 3001)
  for (const power of [-3, -0.5, 0.3, 2, 7.25]) {
    const found = binary("pow", bases, new Float32Array(bases.length).fill(power))
    bases.forEach((x, i) => {
      const exact = x ** Math.fround(power)
      expect(Math.abs(found[i]! - exact) / ulp(exact)).toBeLessThanOrEqual(1)
    })
  }
  const specials = [0, -0, 1, -1, 0.5, -2, 3, 2.5, -0.5, Infinity, -Infinity, NaN]
  const pairs = specials.flatMap((x) => specials.map((y) => [x, y] as const))
  const found = binary(
    "pow",
    Float32Array.from(pairs, ([x]) => x),
    Float32Array.from(pairs, ([, y]) => y)
  )
  pairs.forEach(([x, y], i) => {
    const exact = x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.fround(x ** y)
    if (!(Object.is(found[i], exact) || Math.abs(found[i]! - exact) <= ulp(exact)))
      expect.fail(`${x} ** ${y} is ${found[i]} and not ${exact}`)
  })
})

it("i32 division, remainder and powers are exact", () => {
  const edge = [0, 1, -1, 2, 3, -7, 10, 46341, 2147483647, -2147483648]
  const pairs = edge.flatMap((a) => edge.map((b) => [a, b] as const))
  const [a, b] = [Int32Array.from(pairs, ([x]) => x), Int32Array.from(pairs, ([, y]) => y)]
  const run = (fn: Binary) =>
    runWasm(map(pairs.length, 2, { op: "binary", fn, a: 0, b: 1, dtype: "i32" }, "i32"), [
      a,
      b,
      new Int32Array(pairs.length)
    ])[2]!
  expect(run("div")).toEqual(Int32Array.from(pairs, ([x, y]) => (y === 0 ? 0 : Math.trunc(x / y))))
  expect(run("rem")).toEqual(Int32Array.from(pairs, ([x, y]) => (y === 0 ? 0 : x % y)))
  const power = (x: number, y: number): number =>
    y < 0
      ? x === 1
        ? 1
        : x === -1
          ? y % 2 === 0
            ? 1
            : -1
          : 0
      : Number(BigInt.asIntN(32, modularPower(BigInt(x), BigInt(y))))
  expect(run("pow")).toEqual(Int32Array.from(pairs, ([x, y]) => power(x, y)))
})

const modularPower = (base: bigint, exponent: bigint): bigint => {
  let [result, square] = [1n, base]
  for (let left = exponent; left > 0n; left >>= 1n, square = BigInt.asIntN(64, square * square))
    if ((left & 1n) === 1n) result = BigInt.asIntN(64, result * square)
  return result
}

it("f32 remainders are exact and have the sign of the dividend, however large the quotient", () => {
  const values = [0.5, -0.75, 3, -7.25, 7, 100.125, -1e-3, 2 ** 20, 1e30, -3.3e38, 1.2e-38, 1e-45, Infinity, 0, NaN]
  const random = Array.from({ length: 400 }, (_, i) => (1 + ((i * 7919) % 997) / 997) * 2 ** (((i * 31) % 250) - 125))
  const some = values.concat(random.slice(0, 40))
  const pairs = some
    .flatMap((a) => some.map((b) => [a, b] as const))
    .concat(random.flatMap((a) => [[a, random[Math.floor(Math.abs(Math.log2(a)))]!] as const]))
  const found = binary(
    "rem",
    Float32Array.from(pairs, ([x]) => x),
    Float32Array.from(pairs, ([, y]) => y)
  )
  pairs.forEach(([x, y], i) => {
    const exact = Math.fround(Math.fround(x) % Math.fround(y))
    if (!Object.is(found[i], exact)) expect.fail(`${x} % ${y} is ${found[i]} and not ${exact}`)
  })
})
