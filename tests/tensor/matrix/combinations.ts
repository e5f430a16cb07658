/**
 * Random programs of 5 to 30 operations. Fusion goes wrong in combinations, so everything here is about meeting: views
 * of reductions of views, products feeding rows, one value with several users.
 *
 * A program is a list of instructions, each a choice of an operation and a few natural numbers that pick its operands
 * and axes among what exists. Any list is a valid program, so a failing one shrinks by dropping instructions and
 * lowering numbers.
 */
import * as build from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import type { Case } from "./case.ts"
import { permutation, type Range, sample, type Sample, seeds } from "./sample.ts"
import { window } from "./views.ts"

/** The values made so far, newest last. */
interface Pool {
  /** Larger values are not made. */
  readonly most: number
  readonly floats: Array<Node>
  readonly ints: Array<Node>
  readonly key: { current: Node }
  /**
   * Values every device has to the bit: what views, negations and maxima make of inputs. Only these may decide
   * something (a comparison, an argmax, a rounding), because elsewhere the last bit may tip the decision.
   */
  readonly exact: Set<Node>
  /** An upper bound of the magnitude, so that values stay where f32 is at ease. */
  readonly bound: Map<Node, number>
}

interface Pick {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

type Instruction = (pool: Pool, pick: Pick) => void

/** The `pick`-th value from the newest. */
const choose = (from: ReadonlyArray<Node>, pick: number): Node => from[from.length - 1 - (pick % from.length)]!

const chooseExact = (pool: Pool, pick: number): Node =>
  choose(
    pool.floats.filter((node) => pool.exact.has(node)),
    pick
  )

const boundOf = (pool: Pool, node: Node): number => pool.bound.get(node)!

const full = (value: number, like: Node): Node => build.broadcast(build.scalar(value, "f32"), like.sizes, [])

/** Adds a value, scaled down when it may have become large. */
const push = (pool: Pool, node: Node, bound: number, exact: boolean): void => {
  if (build.count(node.sizes) > pool.most || node.sizes.length > 5) return
  const scaled = bound > 4 ? build.binary("mul", node, full(1 / bound, node)) : node
  pool.floats.push(scaled)
  pool.bound.set(scaled, bound > 4 ? 1 : bound)
  if (exact && scaled === node) pool.exact.add(scaled)
}

const alike = (pool: Pool, x: Node, pick: number): Node => {
  const same = pool.floats.filter(
    (node) => node.sizes.length === x.sizes.length && node.sizes.every((size, axis) => size === x.sizes[axis])
  )
  const other = choose(pool.floats, pick)
  // Every other time a different value is brought to the size: its trailing axes where they fit, or its sum.
  if (pick % 2 === 0 || other === x) return choose(same, Math.floor(pick / 2))
  const front = x.sizes.length - other.sizes.length
  const fits = front >= 0 && other.sizes.every((size, axis) => size === 1 || size === x.sizes[front + axis])
  const small = fits ? other : total(other)
  const axes = small.sizes.map((_, axis) => axis + x.sizes.length - small.sizes.length)
  const wide = build.broadcast(small, x.sizes, axes)
  pool.bound.set(wide, boundOf(pool, other))
  if (fits && pool.exact.has(other)) pool.exact.add(wide)
  return wide
}

const all = (x: Node) => x.sizes.map((_, axis) => axis)

/** The mean over all axes. */
const total = (x: Node): Node => {
  const sum = build.reduce("sum", x, all(x))
  return build.binary("mul", sum, build.scalar(1 / Math.max(1, build.count(x.sizes)), "f32"))
}

const mapped =
  (fn: "tanh" | "sin" | "cos" | "erf" | "sigmoid" | "exp" | "neg" | "abs", bound: (x: number) => number): Instruction =>
  (pool, { a }) => {
    const x = choose(pool.floats, a)
    const exact = pool.exact.has(x) && (fn === "neg" || fn === "abs")
    push(pool, build.unary(fn, x), bound(boundOf(pool, x)), exact)
  }

const combined =
  (fn: "add" | "sub" | "mul" | "max" | "min", bound: (a: number, b: number) => number): Instruction =>
  (pool, { a, b }) => {
    const x = choose(pool.floats, a)
    const y = alike(pool, x, b)
    const exact = (fn === "max" || fn === "min") && pool.exact.has(x) && pool.exact.has(y)
    push(pool, build.binary(fn, x, y), bound(boundOf(pool, x), boundOf(pool, y)), exact)
  }

const viewed =
  (make: (x: Node, pick: Pick) => Node): Instruction =>
  (pool, pick) => {
    const x = choose(pool.floats, pick.a)
    push(pool, make(x, pick), boundOf(pool, x), pool.exact.has(x))
  }

const axisOf = (x: Node, pick: number): number | null => (x.sizes.length === 0 ? null : pick % x.sizes.length)

/** What an instruction without its axis does: nothing. */
const along =
  (make: (pool: Pool, x: Node, axis: number, pick: Pick) => void): Instruction =>
  (pool, pick) => {
    const x = choose(pool.floats, pick.a)
    const axis = axisOf(x, pick.b)
    if (axis !== null) make(pool, x, axis, pick)
  }

const kept = (x: Node, axis: number) => all(x).filter((other) => other !== axis)

const softmax: Instruction = along((pool, x, axis) => {
  if (x.sizes[axis] === 0) return
  const back = (row: Node) => build.broadcast(row, x.sizes, kept(x, axis))
  const shifted = build.unary("exp", build.binary("sub", x, back(build.reduce("max", x, [axis]))))
  push(pool, build.binary("div", shifted, back(build.reduce("sum", shifted, [axis]))), 1, false)
})

const normalise: Instruction = along((pool, x, axis) => {
  const square = build.reduce("sum", build.binary("mul", x, x), [axis])
  const mean = build.binary("mul", square, full(1 / Math.max(1, x.sizes[axis]!), square))
  const inverse = build.unary("rsqrt", build.binary("add", mean, full(0.25, mean)))
  push(pool, build.binary("mul", x, build.broadcast(inverse, x.sizes, kept(x, axis))), 2 * boundOf(pool, x), false)
})

const product: Instruction = along((pool, x, axis, { c, d }) => {
  const fitting = pool.floats.flatMap((y) =>
    y.sizes.flatMap((size, other) => (size === x.sizes[axis] ? [[y, other] as const] : []))
  )
  const [y, other] = fitting[fitting.length - 1 - (c % fitting.length)]!
  const shared = x.sizes[0] === y.sizes[0] && axis > 0 && other > 0 && d % 2 === 0
  const batch: ReadonlyArray<readonly [number, number]> = shared ? [[0, 0]] : []
  const result = build.dot(x, y, batch, [[axis, other]])
  if (build.count(result.sizes) > pool.most) return
  push(pool, result, boundOf(pool, x) * boundOf(pool, y) * Math.max(1, x.sizes[axis]!), false)
})

const reduced = (fn: "sum" | "max" | "min"): Instruction =>
  along((pool, x, axis, { c }) => {
    const second = c % 3 === 0 && x.sizes.length > 1 ? [(axis + 1) % x.sizes.length] : []
    const axes = [axis, ...second]
    const extent = axes.reduce((n, each) => n * x.sizes[each]!, 1)
    if (extent === 0 && fn !== "sum") return
    const bound = boundOf(pool, x) * (fn === "sum" ? Math.max(1, extent) : 1)
    push(pool, build.reduce(fn, x, axes), bound, fn !== "sum" && pool.exact.has(x))
  })

const gathered: Instruction = along((pool, x, _, { c }) => {
  if (x.sizes[0] === 0) return
  push(pool, build.gather(x, choose(pool.ints, c)), boundOf(pool, x), pool.exact.has(x))
})

const scattered: Instruction = along((pool, x, _, { c, d }) => {
  const index = choose(pool.ints, c)
  if (index.sizes.length > x.sizes.length || !index.sizes.every((size, axis) => size === x.sizes[axis])) return
  const added = build.scatterAdd(index, x, (d % 6) + 1)
  push(pool, added, boundOf(pool, x) * Math.max(1, build.count(index.sizes)), false)
})

const running: Instruction = along((pool, x, axis) => {
  push(pool, build.cumsum(x, axis), boundOf(pool, x) * Math.max(1, x.sizes[axis]!), false)
})

/** Continuous in its operands although it compares them: the larger, or the positive part. */
const selected: Instruction = (pool, { a, b }) => {
  const x = choose(pool.floats, a)
  const y = b % 3 === 0 ? full(0, x) : alike(pool, x, b)
  const bound = Math.max(boundOf(pool, x), pool.bound.get(y) ?? 0)
  const exact = pool.exact.has(x) && (b % 3 === 0 || pool.exact.has(y))
  push(pool, build.select(build.compare("lt", x, y), y, x), bound, exact)
}

/** Masked by position, as causal attention does. */
const masked: Instruction = along((pool, x, axis, { c, d }) => {
  const other = (axis + 1 + c) % x.sizes.length
  const mask = build.compare(d % 2 === 0 ? "le" : "lt", build.iota(x.sizes, axis), build.iota(x.sizes, other))
  push(pool, build.select(mask, x, full(-1, x)), Math.max(1, boundOf(pool, x)), pool.exact.has(x))
})

/** A decision on exact values, as an i32. */
const decided: Instruction = (pool, { a, b, c }) => {
  const x = chooseExact(pool, a)
  const axis = axisOf(x, b)
  if (c % 2 === 0 && axis !== null && x.sizes[axis]! > 0) {
    pool.ints.push(build.argmax(x, axis))
    return
  }
  const scaled = build.binary("mul", x, full(4, x))
  pool.ints.push(build.cast(c % 3 === 0 ? build.unary("floor", scaled) : scaled, "i32"))
}

const counted: Instruction = (pool, { a, b, c }) => {
  const x = choose(pool.ints, a)
  const same = pool.ints.filter((node) => node.sizes.join() === x.sizes.join())
  const fn = (["add", "sub", "mul", "max", "min", "rem", "div"] as const)[c % 7]!
  pool.ints.push(build.binary(fn, x, choose(same, b)))
}

const converted: Instruction = (pool, { a }) => {
  const x = choose(pool.ints, a)
  const small = build.binary("rem", x, build.broadcast(build.scalar(5, "i32"), x.sizes, []))
  push(pool, build.cast(small, "f32"), 4, true)
}

const drawn: Instruction = (pool, { a, c }) => {
  pool.key.current = build.foldIn(pool.key.current, c)
  push(pool, build.uniform(pool.key.current, choose(pool.floats, a).sizes), 1, true)
}

const instructions: ReadonlyArray<readonly [weight: number, Instruction]> = [
  [2, mapped("tanh", () => 1)],
  [1, mapped("sin", () => 1)],
  [1, mapped("cos", () => 1)],
  [1, mapped("erf", () => 1)],
  [1, mapped("sigmoid", () => 1)],
  [1, mapped("exp", (x) => Math.exp(Math.min(x, 4)))],
  [1, mapped("neg", (x) => x)],
  [1, mapped("abs", (x) => x)],
  [4, combined("add", (a, b) => a + b)],
  [2, combined("sub", (a, b) => a + b)],
  [4, combined("mul", (a, b) => a * b)],
  [1, combined("max", Math.max)],
  [1, combined("min", Math.max)],
  [3, viewed((x, { b }) => build.permute(x, permutation(x.sizes.length, b)))],
  [
    3,
    viewed((x, { b, c }) => {
      const axis = b % (x.sizes.length + 1)
      if (c % 3 === 0 || x.sizes.length < 2) return build.reshape(x, x.sizes.toSpliced(axis, 0, 1))
      const merged = b % (x.sizes.length - 1)
      return build.reshape(x, x.sizes.toSpliced(merged, 2, x.sizes[merged]! * x.sizes[merged + 1]!))
    })
  ],
  [
    2,
    viewed((x, { b, c }) => {
      const axis = b % (x.sizes.length + 1)
      const sizes = x.sizes.toSpliced(axis, 0, (c % 4) + 1)
      return build.broadcast(
        x,
        sizes,
        all(x).map((at) => (at < axis ? at : at + 1))
      )
    })
  ],
  [
    3,
    viewed((x, { b, c, d }) => {
      const part = window(x.sizes, [b, c, d])
      return build.slice(x, part.start, part.sizes, part.step)
    })
  ],
  [
    2,
    viewed((x, { b, c }) =>
      build.pad(
        x,
        x.sizes.map((_, axis) => (b + axis) % 3),
        x.sizes.map((_, axis) => (c + axis) % 2),
        (b % 3) / 2
      )
    )
  ],
  [1, viewed((x) => build.note({ name: "stopGradient" }, x))],
  [
    2,
    along((pool, x, axis, { c }) => {
      const y = alike(pool, x, c)
      push(
        pool,
        build.concat([x, y], axis),
        Math.max(boundOf(pool, x), boundOf(pool, y)),
        pool.exact.has(x) && pool.exact.has(y)
      )
    })
  ],
  [3, reduced("sum")],
  [1, reduced("max")],
  [1, reduced("min")],
  [2, softmax],
  [2, normalise],
  [4, product],
  [2, gathered],
  [2, scattered],
  [1, running],
  [2, selected],
  [2, masked],
  [1, decided],
  [1, counted],
  [1, converted],
  [1, drawn]
]

const instruction = fc.oneof(...instructions.map(([weight, apply]) => ({ weight, arbitrary: fc.constant(apply) })))

const small = fc.nat(11)
const step = fc.tuple(instruction, fc.record({ a: small, b: small, c: small, d: small }))

const sides = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 13 }) }, { weight: 1, arbitrary: fc.constant(0) }),
  fc.integer({ min: 1, max: 6 })
)

const half: Range = { low: -2, high: 2, grid: 1 / 64 }

/** A program of so many operations, on inputs `scale` times as long as the smallest. */
export const program = (minLength: number, maxLength: number, scale = 1): fc.Arbitrary<Sample> =>
  fc
    .tuple(sides, fc.array(step, { minLength, maxLength }), fc.nat(3), seeds)
    .map(([[rows, inner, columns], steps, wanted, seed]) => {
      const [m, k, n] = [rows * scale, inner * scale, columns * scale]
      const x = build.input("x", [m, k], "f32")
      const y = build.input("y", [k, n], "f32")
      const z = build.input("z", [n], "f32")
      const index = build.input("index", [m], "i32")
      const key = build.input("key", [2], "i32")
      const floats = [x, y, z]
      const pool: Pool = {
        most: 3000 * scale * scale,
        floats: [...floats],
        ints: [index],
        key: { current: key },
        exact: new Set(floats),
        bound: new Map(floats.map((node) => [node, 2]))
      }
      for (const [apply, pick] of steps) apply(pool, pick)
      const outputs = [...pool.floats.slice(-1 - (wanted % 3)), ...(wanted > 1 ? pool.ints.slice(-1) : [])]
      return sample(
        outputs,
        [
          [x, half],
          [y, half],
          [z, half],
          [index, { low: -1, high: 7 }],
          [key, { low: -1000, high: 1000 }]
        ],
        seed
      )
    })

/**
 * How much of the last bits a program may lose: what it loses when every operation of the interpreter is rounded to
 * f32, times a margin for other orders of summation and approximate functions.
 */
export const allowance = (sample: Sample): number => {
  const plain = interpret(sample.graph, sample.inputs)
  const rounded = interpret(sample.graph, sample.inputs, (node, value) => {
    if (node.dtype === "f32") value.set(Float32Array.from(value))
  })
  const worst = plain.flatMap((value, j) => [...value].map((x, i) => Math.abs(x - rounded[j]![i]!)))
  return 1e-5 + 50 * worst.reduce((a, b) => Math.max(a, b), 0)
}

export const combinations: ReadonlyArray<Case> = [
  {
    name: "programs of 5 to 12 operations",
    group: "combinations",
    tolerance: { ulps: 4, absolute: 1e-5 },
    allowance,
    samples: program(5, 12)
  },
  {
    name: "programs of 10 to 30 operations",
    group: "combinations",
    tolerance: { ulps: 4, absolute: 1e-5 },
    allowance,
    samples: program(10, 30)
  },
  {
    name: "programs on larger tensors",
    group: "combinations",
    tolerance: { ulps: 4, absolute: 1e-5 },
    allowance,
    samples: program(4, 12, 9),
    large: true
  }
]
