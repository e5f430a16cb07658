/** Attention by strips against the same written out with every score in memory: values, gradients, memory. */
import { checkpoint, grad, hvp, valueAndGrad } from "@noema/autodiff"
import { Device, Tensor, Wasm } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { lower, plan, wasmOptions } from "@noema/tensor/kernel"
import { interpret } from "@noema/tensor/reference"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { numbers } from "./values.ts"

/** Sizes vary, which types need not follow here. */
type Any = Tensor.Tensor<any>

interface Inputs {
  readonly q: Any
  readonly k: Any
  readonly v: Any
}

interface Case {
  readonly per: number
  readonly groups: number
  /** Queries and keys: past one strip of 64, so that there are several. */
  readonly t: number
  readonly s: number
  readonly causal: boolean
  readonly masked: boolean
  readonly salt: number
}

const cases: fc.Arbitrary<Case> = fc.record({
  per: fc.integer({ min: 1, max: 2 }),
  groups: fc.integer({ min: 1, max: 2 }),
  t: fc.integer({ min: 65, max: 140 }),
  s: fc.integer({ min: 1, max: 150 }),
  causal: fc.boolean(),
  masked: fc.boolean(),
  salt: fc.nat(1000)
})

const [d, e] = [3, 2]

const sizesOf = ({ per, groups, t, s }: Case) => [
  [per * groups, t, d],
  [groups, s, d],
  [groups, s, e],
  [per * groups, t, e]
]

const dataOf = (c: Case): ReadonlyArray<Float32Array> =>
  sizesOf(c).map((sizes, which) =>
    Float32Array.from(
      { length: G.count(sizes) },
      (_, i) => (((i + 1) * 7919 + (which + c.salt) * 104729) % 9973) / 2500 - 2
    )
  )

/** Every third key hidden, and the first row sees nothing. */
const maskOf = ({ t, s }: Case): Tensor.Tensor<any, "bool"> =>
  Tensor.and(
    Tensor.gt(Tensor.iota([t, s], 0), 0),
    Tensor.gt(Tensor.rem(Tensor.add(Tensor.iota([t, s], 0), Tensor.iota([t, s], 1)), 3), 0)
  ) as Tensor.Tensor<any, "bool">

const byStrips =
  (c: Case) =>
  ({ q, k, v }: Inputs): Any =>
    Tensor.attention(q, k, v, {
      causal: c.causal,
      ...(c.masked ? { [c.salt % 2 === 0 ? "mask" : "visible"]: maskOf(c) } : {})
    })

/** softmax(q kᵀ / √d) v as it is written in papers. */
const writtenOut =
  (c: Case) =>
  ({ q, k, v }: Inputs): Any => {
    const repeated = (x: Any): Any =>
      Tensor.fromNode(
        G.reshape(G.broadcast(x.node, [c.groups, c.per, ...x.sizes.slice(1)], [0, 2, 3]), [
          c.groups * c.per,
          ...x.sizes.slice(1)
        ])
      )
    const scores = Tensor.mul(Tensor.matmul(q, Tensor.transpose(repeated(k)) as Any) as Any, 1 / Math.sqrt(d)) as Any
    const [row, column] = [Tensor.iota([c.t, c.s], 0), Tensor.iota([c.t, c.s], 1)]
    const everywhere = Tensor.ge(row, 0)
    const past = c.causal ? Tensor.le(column, Tensor.add(row, c.s - c.t)) : everywhere
    const seen = Tensor.and(past, c.masked ? maskOf(c) : everywhere) as Tensor.Tensor<any, "bool">
    return Tensor.matmul(Tensor.maskedSoftmax(scores, seen), repeated(v)) as Any
  }

const tensorsOf = (c: Case): Inputs & { readonly g: Any } => {
  const [q, k, v, g] = dataOf(c).map((data, i) => Tensor.fromArray(data, sizesOf(c)[i]!))
  return { q: q!, k: k!, v: v!, g: g! }
}

const lossOf =
  (attend: (inputs: Inputs) => Any, g: Any) =>
  (inputs: Inputs): Tensor.Tensor<[]> =>
    Tensor.sum(Tensor.mul(attend(inputs), g)) as Tensor.Tensor<[]>

const close = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, tolerance: number): void => {
  const scale = Math.max(1, ...expected.map(Math.abs))
  expect(found.length).toBe(expected.length)
  found.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThan(tolerance * scale))
}

describe("attention by strips", () => {
  it("has the value and the gradients of attention written out", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { g, ...inputs } = tensorsOf(c)
        const both = (attend: typeof byStrips) => numbers(valueAndGrad(lossOf(attend(c), g))(inputs))
        close(both(byStrips), both(writtenOut), 1e-9)
      }),
      { numRuns: 12 }
    )
  })

  it("has the gradients of attention written out where only some of its results are taken", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { g, ...inputs } = tensorsOf(c)
        const taken = Tensor.gt(Tensor.iota([c.per * c.groups, c.t, e], 1), 9)
        const some =
          (attend: typeof byStrips) =>
          ({ q, k, v }: Inputs): Any =>
            Tensor.where(taken, attend(c)({ q: Tensor.exp(q), k: Tensor.exp(k), v }), 0) as Any
        const of = (attend: typeof byStrips) => numbers(grad(lossOf(some(attend), g))(inputs))
        close(of(byStrips), of(writtenOut), 1e-9)
      }),
      { numRuns: 3 }
    )
  })

  it("of no queries or no keys is empty or zero, and so is its gradient", () => {
    for (const causal of [false, true])
      for (const [t, s] of [
        [0, 3],
        [0, 0],
        [3, 0],
        [70, 0]
      ] as const) {
        const c: Case = { per: 2, groups: 1, t, s, causal, masked: false, salt: 1 }
        const { g, ...inputs } = tensorsOf(c)
        const { value, gradient } = valueAndGrad(lossOf(byStrips(c), g))(inputs)
        expect(numbers(value)).toEqual([0])
        expect(gradient.q.sizes).toEqual([2, t, d])
        expect(numbers(gradient).filter((x) => x !== 0)).toEqual([])
      }
  })

  it("has the same gradients where it is computed again", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { g, ...inputs } = tensorsOf(c)
        const again = checkpoint((given: Inputs) => Tensor.tanh(byStrips(c)(given)) as Any)
        const once = (given: Inputs): Any => Tensor.tanh(byStrips(c)(given)) as Any
        expect(numbers(grad(lossOf(again, g))(inputs))).toEqual(numbers(grad(lossOf(once, g))(inputs)))
      }),
      { numRuns: 3 }
    )
  })

  it("has the second derivatives of attention written out", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { g, ...inputs } = tensorsOf(c)
        const direction = { q: Tensor.cos(inputs.q), k: Tensor.sin(inputs.k), v: Tensor.cos(inputs.v) }
        const along = (attend: typeof byStrips) => numbers(hvp(lossOf(attend(c), g), inputs, direction))
        close(along(byStrips), along(writtenOut), 1e-8)
      }),
      { numRuns: 4 }
    )
  })

  it("computes on the WebAssembly device what the interpreter does", () =>
    Effect.gen(function* () {
      const device = yield* Device.Device
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(cases, async (c) => {
            const graph = gradientGraph(c.t, c.s, c)
            const found = await Effect.gen(function* () {
              const executable = yield* device.compile(graph)
              return yield* executable.run(
                dataOf(c),
                graph.outputs.map(() => null)
              )
            }).pipe(Effect.scoped, Effect.runPromise)
            interpret(graph, dataOf(c)).forEach((expected, i) => close([...found[i]!], [...expected], 2e-5))
          }),
          { numRuns: 8 }
        )
      )
    }).pipe(Effect.provide(Wasm.layer({ threads: 2 })), Effect.runPromise))

  it("needs memory in proportion to the sequence, and no product beyond the diagonal", () => {
    const measure = (t: number) => {
      const c = { per: 1, groups: 2, t, s: t, causal: true, masked: false, salt: 0 }
      const schedule = lower(gradientGraph(t, t, c), wasmOptions)
      const products = schedule.steps.flatMap(({ kernel }) =>
        kernel.kind === "gemm" ? [G.count(kernel.batch) * kernel.m * kernel.n * kernel.k] : []
      )
      return { bytes: plan(schedule).arenaBytes, work: products.reduce((a, b) => a + b, 0) }
    }
    const [short, long] = [measure(512), measure(1024)]
    expect(long.bytes).toBeLessThan(2.2 * short.bytes)
    // Forward two products of t x t and backward five, each along d or e.
    const whole = 2 * (4 * d + 3 * e) * 1024 * 1024
    expect(long.work).toBeLessThan(0.6 * whole)
  })
})

const gradientGraph = (t: number, s: number, c: Omit<Case, "t" | "s">): G.Graph => {
  const full = { ...c, t, s }
  const inputs = sizesOf(full).map((sizes, i) => G.input("qkvg"[i]!, sizes, "f32"))
  const [q, k, v, g] = inputs.map((node) => Tensor.fromNode(node) as Any)
  const gradient = grad(lossOf(byStrips(full), g!))({ q: q!, k: k!, v: v! })
  return { inputs, outputs: [gradient.q.node, gradient.k.node, gradient.v.node] }
}
