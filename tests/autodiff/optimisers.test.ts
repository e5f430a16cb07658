import { Optimiser } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { numbers, vector } from "./values.ts"

type Vector = Tensor.Tensor<[number]>
interface Params {
  readonly w: Vector
  readonly layers: readonly [{ readonly b: Vector }]
}

const size = 3
const tree = (flat: ReadonlyArray<number>): Params => ({
  w: vector(...flat.slice(0, 2)),
  layers: [{ b: vector(...flat.slice(2)) }]
})

/** Rounded as the program sees the numbers written into it. */
const f = Math.fround

/** Parameters after each of the steps, when every step is its own little program. */
const run = <S extends Optimiser.OptimiserState>(
  optimiser: Optimiser.Transformation<S>,
  start: ReadonlyArray<number>,
  gradients: ReadonlyArray<ReadonlyArray<number>>
) => {
  let params = tree(start)
  let state = optimiser.init(params)
  const visited: Array<ReadonlyArray<number>> = []
  for (const gradient of gradients) {
    const next = optimiser.update(tree(gradient), state, params)
    params = Optimiser.applyUpdates(params, next.updates)
    state = next.state
    visited.push(numbers(params))
  }
  return { visited, state, params }
}

const vectors = fc.array(fc.double({ min: -2, max: 2, noNaN: true }).map(f), { minLength: size, maxLength: size })
const histories = fc.tuple(vectors, fc.array(vectors, { minLength: 1, maxLength: 4 }))

/** The same history by a hand-written loop over one parameter. */
const byHand = (
  [start, gradients]: readonly [ReadonlyArray<number>, ReadonlyArray<ReadonlyArray<number>>],
  step: (p: number, g: number, memory: Record<string, number>, t: number, i: number) => number
): ReadonlyArray<ReadonlyArray<number>> => {
  const memory = start.map((): Record<string, number> => ({}))
  let params = start
  return gradients.map((gradient, t) => (params = params.map((p, i) => step(p, gradient[i]!, memory[i]!, t + 1, i))))
}

const agree = (found: ReadonlyArray<ReadonlyArray<number>>, expected: ReadonlyArray<ReadonlyArray<number>>) => {
  expected.flat().forEach((x, i) => expect(Math.abs(found.flat()[i]! - x)).toBeLessThan(2e-6 * (1 + Math.abs(x))))
  expect(found.flat().length).toBe(expected.flat().length)
}

const property = (
  optimiser: Optimiser.Transformation,
  step: (p: number, g: number, memory: Record<string, number>, t: number, i: number) => number
) =>
  fc.assert(
    fc.property(histories, (history) => agree(run(optimiser, ...history).visited, byHand(history, step))),
    { numRuns: 30 }
  )

describe("optimisers take the steps of their formulas", () => {
  it("gradient descent", () => property(Optimiser.sgd({ learningRate: 0.1 }), (p, g) => p - 0.1 * g))

  it("momentum, as in PyTorch and optax", () =>
    property(Optimiser.sgd({ learningRate: 0.1, momentum: 0.9 }), (p, g, memory) => {
      memory.v = 0.9 * (memory.v ?? 0) + g
      return p - 0.1 * memory.v
    }))

  it("Nesterov's momentum", () =>
    property(Optimiser.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), (p, g, memory) => {
      memory.v = 0.9 * (memory.v ?? 0) + g
      return p - 0.1 * (g + 0.9 * memory.v)
    }))

  const direction = (g: number, memory: Record<string, number>, t: number): number => {
    memory.m = 0.9 * (memory.m ?? 0) + 0.1 * g
    memory.v = 0.999 * (memory.v ?? 0) + 0.001 * g * g
    return memory.m / (1 - 0.9 ** t) / (Math.sqrt(memory.v / (1 - 0.999 ** t)) + 1e-8)
  }

  it("Adam", () =>
    property(Optimiser.adam({ learningRate: 0.01 }), (p, g, memory, t) => p - 0.01 * direction(g, memory, t)))

  it("AdamW, with decay where the mask says", () =>
    property(
      Optimiser.adamw({ learningRate: 0.01, weightDecay: 0.1, mask: (path) => path !== "params.w" }),
      (p, g, memory, t, i) => p - 0.01 * (direction(g, memory, t) + (i < 2 ? 0 : 0.1 * p))
    ))

  it("clipping by the norm of all gradients", () =>
    fc.assert(
      fc.property(histories, ([start, gradients]) => {
        const optimiser = Optimiser.chain(Optimiser.clipByGlobalNorm(1), Optimiser.scale(-1))
        const clipped = gradients.map((gradient) => {
          const norm = Math.hypot(...gradient)
          return gradient.map((g) => (norm < 1 ? g : g / norm))
        })
        agree(
          run(optimiser, start, gradients).visited,
          byHand([start, clipped], (p, g) => p - g)
        )
      }),
      { numRuns: 30 }
    ))

  it("a learning rate that follows a schedule from step 0", () =>
    property(
      Optimiser.sgd({ learningRate: Optimiser.Schedule.linear(0, 1, 2) }),
      (p, g, _, t) => p - Math.min(1, (t - 1) / 2) * g
    ))

  it("accumulation: the mean of every n gradients, nothing in between", () =>
    fc.assert(
      fc.property(histories, ([start, gradients]) => {
        const accumulated = run(Optimiser.accumulate(Optimiser.adam({ learningRate: 0.1 }), 2), start, gradients)
        const means = gradients.flatMap((g, t) =>
          t % 2 === 1 ? [g.map((x, i) => (x + gradients[t - 1]![i]!) / 2)] : []
        )
        const plain = run(Optimiser.adam({ learningRate: 0.1 }), start, means).visited
        agree(
          accumulated.visited,
          gradients.map((_, t) => plain[Math.floor((t - 1) / 2)] ?? start)
        )
      }),
      { numRuns: 20 }
    ))

  it.each([0, -1, 1.5, NaN])("accumulation over %d steps is refused", (every) => {
    expect(() => Optimiser.accumulate(Optimiser.scale(1), every)).toThrow(
      `accumulate: every is a whole number above 0, and not ${every}`
    )
  })

  it("masked parameters take gradients as they are", () =>
    property(
      Optimiser.chain(
        Optimiser.masked(Optimiser.momentum({ decay: 0.5 }), (path) => path === "params.layers.0.b"),
        Optimiser.scale(-1)
      ),
      (p, g, memory, _, i) => {
        memory.v = 0.5 * (memory.v ?? 0) + g
        return p - (i < 2 ? g : memory.v)
      }
    ))
})

describe("laws of composition", () => {
  const same = (a: Optimiser.Transformation, b: Optimiser.Transformation) =>
    fc.assert(
      fc.property(histories, (history) => {
        expect(run(a, ...history).visited).toEqual(run(b, ...history).visited)
      }),
      { numRuns: 10 }
    )
  const [a, b, c] = [Optimiser.momentum({ decay: 0.9 }), Optimiser.clipByGlobalNorm(1), Optimiser.scale(-0.5)]

  it("chains are associative", () =>
    same(Optimiser.chain(Optimiser.chain(a, b), c), Optimiser.chain(a, Optimiser.chain(b, c))))

  it("the empty chain changes nothing", () => {
    same(Optimiser.chain(Optimiser.chain(), a), a)
    same(Optimiser.chain(a, Optimiser.chain()), a)
  })

  it("scales multiply", () => same(Optimiser.chain(Optimiser.scale(0.5), Optimiser.scale(-4)), Optimiser.scale(-2)))
})

describe("gradients that are not finite", () => {
  it.each([NaN, Infinity, -Infinity])("%d are skipped and counted, and leave the state alone", (bad) => {
    const optimiser = Optimiser.skipNonFinite(Optimiser.adam({ learningRate: 0.1 }))
    const good = [
      [1, 2, 3],
      [3, 2, 1]
    ] as const
    const { visited, state } = run(optimiser, [0, 0, 0], [good[0], [1, bad, 3], good[1]])
    const plain = run(optimiser, [0, 0, 0], good)
    expect(visited).toEqual([plain.visited[0], plain.visited[0], plain.visited[1]])
    expect(numbers(state.skipped)).toEqual([1])
  })

  it("large but finite ones are not", () => {
    const { state } = run(Optimiser.skipNonFinite(Optimiser.scale(1)), [0, 0, 0], [[3e38, 3e38, 3e38]])
    expect(numbers(state.skipped)).toEqual([0])
  })
})

describe("averages of parameters", () => {
  it("weigh the last parameters most, and forget how they started", () => {
    const ema = Optimiser.movingAverage({ decay: 0.75 })
    const visited = [
      [1, 2, 3],
      [5, 6, 7],
      [9, 9, 9]
    ]
    const state = visited.reduce((so, params) => ema.update(tree(params), so), ema.init(tree([0, 0, 0])))
    const weights = [0.25 * 0.75 ** 2, 0.25 * 0.75, 0.25]
    const total = weights.reduce((x, y) => x + y)
    const expected = [0, 1, 2].map((i) => visited.reduce((sum, params, t) => sum + params[i]! * weights[t]!, 0) / total)
    agree([numbers(ema.average(state))], [expected])
    expect(numbers(ema.average(ema.update(tree([4, 5, 6]), ema.init(tree([0, 0, 0])))))).toEqual([4, 5, 6])
  })

  it("start from the first parameters where they are not corrected", () => {
    const ema = Optimiser.movingAverage({ decay: 0.5, debias: false })
    expect(numbers(ema.average(ema.update(tree([4, 4, 4]), ema.init(tree([2, 2, 2])))))).toEqual([3, 3, 3])
  })
})

describe("schedules", () => {
  const { constant, cosine, join, linear, warmUpCosine } = Optimiser.Schedule
  const at = (schedule: Optimiser.Schedule.Schedule, ...steps: ReadonlyArray<number>) =>
    steps.map((step) => numbers(schedule(Tensor.scalar(step, "i32")))[0]!)

  it("have the values of their formulas", () => {
    expect(at(constant(0.5), 0, 100)).toEqual([0.5, 0.5])
    agree([at(linear(1, 3, 4), 0, 1, 4, 9)], [[1, 1.5, 3, 3]])
    agree([at(cosine(2, 8, 1), 0, 2, 4, 8, 20)], [[2, 1.5 + Math.SQRT1_2 / 2, 1.5, 1, 1]])
    agree([at(warmUpCosine({ peak: 1, warmUp: 2, steps: 6 }), 0, 1, 2, 4, 6)], [[0, 0.5, 1, 0.5, 0]])
  })

  it("start anew where they are joined", () => {
    const joined = join([constant(1), linear(5, 6, 2), constant(9)], [3, 5])
    agree([at(joined, 0, 2, 3, 4, 5, 50)], [[1, 1, 5, 5.5, 9, 9]])
    expect(() => join([constant(1)], [3])).toThrow("join: 1 schedules need 0 boundaries")
    expect(() => join([constant(1), constant(2)], [2.5])).toThrow(
      "join: boundaries are whole numbers in rising order, and not 2.5"
    )
    expect(() => join([constant(1), constant(2), constant(3)], [5, 3])).toThrow(RangeError)
  })

  it("of no steps are at their end from the first", () => {
    agree([at(linear(1, 3, 0), 0, 1)], [[3, 3]])
    agree([at(cosine(2, 0, 1), 0, 1)], [[1, 1]])
    agree([at(warmUpCosine({ peak: 1, warmUp: 0, steps: 4 }), 0, 4)], [[1, 0]])
    agree([at(warmUpCosine({ peak: 1, warmUp: 4, steps: 4 }), 2, 4)], [[0.5, 0]])
  })
})

describe("what belongs to another tree is refused", () => {
  const optimiser = Optimiser.adam({ learningRate: 0.1 })
  const other = { w: vector(1, 2, 3), layers: [{ b: vector(1) }] } as const
  const message = (f: () => unknown): string => {
    try {
      f()
    } catch (error) {
      expect(error).toBeInstanceOf(Optimiser.OptimiserStateError)
      return (error as Error).message
    }
    return "nothing was thrown"
  }

  it("with the first path that differs", () => {
    const params = tree([1, 2, 3])
    expect(message(() => optimiser.update(params, optimiser.init(other), params))).toBe(
      "adam: the state's mean at params.w is f32[3], and the parameters' is f32[2]"
    )
    expect(message(() => optimiser.update(other as never, optimiser.init(params), params))).toBe(
      "adam: the gradient at params.w is f32[3], and the parameters' is f32[2]"
    )
    expect(message(() => optimiser.update(params, Optimiser.sgd({ learningRate: 1 }).init(params), params))).toBe(
      "chain: the state at 0 is missing, and the parameters' is present"
    )
    const nested = Optimiser.skipNonFinite(Optimiser.accumulate(Optimiser.sgd({ learningRate: 1, momentum: 0.9 }), 2))
    const deeper = { w: params.w, layers: [{ b: vector(1), c: vector(1) }] }
    expect(message(() => nested.update(params, nested.init(deeper), params))).toBe(
      "accumulate: the state at params.layers.0.c is f32[1], and the parameters' is missing"
    )
    expect(message(() => Optimiser.applyUpdates(params, { w: params.w } as never))).toBe(
      "applyUpdates: the update at params.layers.0.b is missing, and the parameters' is f32[1]"
    )
  })
})
