/** Functions of NaN, infinities, zeros, numbers that they are not defined for, and the ends of the range of f32. */
import { Tensor } from "@noema/tensor"
import { binary, compare, unary } from "@noema/tensor/graph"
import type { BinaryFn, CompareFn, UnaryFn } from "@noema/tensor/graph"
import { graphicsUlps } from "../../../browser/judge.ts"
import { functions } from "../../../functions.ts"
import type { Tolerance } from "../agreement.ts"
import { floats, type Known } from "./known.ts"

const f32 = Math.fround
/** Without subnormal numbers, which graphics adapters take for zero. */
const values = [0, -0, 1, -1, 0.5, -0.5, 2, -2.5, 3, 7, 1e-30, -1e-30, 1e30, -1e30, 88, -87, -87.3, 100, -100]
  .concat([-110, 3e38, -3e38, 10.5, -20, 8191.5, -8192.5, 3e5, -3e5, 6.7e8, 1e20, 3.4e38, NaN, Infinity, -Infinity])
  .map(f32)
const pairs = values.flatMap((a) => values.map((b) => [a, b] as const))

const halfToEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

/** IEEE 754's power; JavaScript's says NaN of 1 to the NaN, and of -1 to infinity. */
const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b)

const none: Tolerance = { ulps: 0, absolute: 0 }
const near = (ulps: number, absolute = 0): Tolerance => ({ ulps, absolute })

const unaries: Partial<Record<UnaryFn, readonly [fn: (x: number) => number, host: Tolerance, graphics?: Tolerance]>> = {
  neg: [(x) => -x, none],
  abs: [Math.abs, none],
  sign: [Math.sign, none],
  floor: [Math.floor, none],
  ceil: [Math.ceil, none],
  round: [halfToEven, none],
  exp: [Math.exp, near(2), near(200)],
  log: [Math.log, near(2), near(4)],
  sqrt: [Math.sqrt, near(1), near(4)],
  rsqrt: [(x) => 1 / Math.sqrt(x), near(2), near(4)],
  sin: [Math.sin, near(3, 2e-7)],
  cos: [Math.cos, near(3, 2e-7)],
  tanh: [Math.tanh, near(5), near(8)],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), near(4), near(200)]
}

const binaries: Partial<
  Record<BinaryFn, readonly [fn: (a: number, b: number) => number, host: Tolerance, graphics?: Tolerance]>
> = {
  add: [(a, b) => a + b, none],
  sub: [(a, b) => a - b, none],
  mul: [(a, b) => a * b, none],
  div: [(a, b) => a / b, near(1), near(3)],
  rem: [(a, b) => a % b, none],
  max: [Math.max, none],
  min: [Math.min, none],
  pow: [power, near(4), near(600)]
}

const comparisons: Record<CompareFn, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b
}

const known = (
  name: string,
  given: Known["given"],
  of: Known["of"],
  right: ReadonlyArray<number>,
  [within, onGraphics = within]: readonly [Tolerance, Tolerance?]
): Known => ({
  name: `${name} of special values`,
  given,
  of,
  right: [right],
  within,
  onGraphics
})

const [left, right] = [floats(...pairs.map(([a]) => a)), floats(...pairs.map(([, b]) => b))]

export const special: ReadonlyArray<Known> = [
  ...Object.entries(unaries).map(([name, [fn, ...within]]) =>
    known(
      name,
      [floats(...values)],
      (x) => [Tensor.fromNode(unary(name as UnaryFn, x.node))],
      values.map(fn),
      within as unknown as readonly [Tolerance]
    )
  ),
  ...functions.map((fn) => {
    const { exact, name, ulps } = fn.definition
    const onGraphics = graphicsUlps[name] ?? 4 * ulps
    return known(name, [floats(...values)], (x) => [fn(x)], values.map(exact), [near(ulps), near(onGraphics)])
  }),
  ...Object.entries(binaries).map(([name, [fn, ...within]]) =>
    known(
      name,
      [left, right],
      (a, b) => [Tensor.fromNode(binary(name as BinaryFn, a.node, b.node))],
      pairs.map(([a, b]) => fn(a, b)),
      within as unknown as readonly [Tolerance]
    )
  ),
  ...Object.entries(comparisons).map(([name, fn]) =>
    known(
      name,
      [left, right],
      (a, b) => [Tensor.fromNode(compare(name as CompareFn, a.node, b.node))],
      pairs.map(([a, b]) => (fn(a, b) ? 1 : 0)),
      [none]
    )
  ),
  {
    name: "casts of special values",
    given: [floats(...values)],
    of: (x) => [Tensor.cast(x, "i32"), Tensor.cast(x, "bool"), Tensor.isNaN(x), Tensor.isFinite(x)],
    right: [
      values.map((x) => (Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))))),
      values.map((x) => (x === 0 ? 0 : 1)),
      values.map((x) => (Number.isNaN(x) ? 1 : 0)),
      values.map((x) => (Number.isFinite(x) ? 1 : 0))
    ]
  }
]
