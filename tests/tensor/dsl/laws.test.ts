/**
 * Laws of the operations, on the float64 interpreter: against loops, against each other, and against their inverses.
 */
import { Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type Any,
  bools,
  count,
  ints,
  make,
  ofSizes,
  place,
  positions,
  real,
  sizes,
  whole,
  withAxis
} from "./arbitrary.ts"
import { close, flat } from "./evaluate.ts"

const holds = <Ts extends [unknown, ...Array<unknown>]>(
  name: string,
  ...args: [...{ [K in keyof Ts]: fc.Arbitrary<Ts[K]> }, (...values: Ts) => void]
) =>
  it(name, () =>
    fc.assert((fc.property as unknown as (...all: Array<unknown>) => fc.IProperty<unknown>)(...args), { numRuns: 60 })
  )

const equal = (a: Tensor.AnyTensor, b: Tensor.AnyTensor): void => {
  expect(a.sizes).toEqual(b.sizes)
  near(flat(a), flat(b))
}

const near = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): void => {
  // Constants in a graph are rounded to f32.
  if (!close(a, b, 1e-6)) expect(a).toEqual(b)
}

/** Shapes that broadcast: axes of one shape, some cut off in front, some set to 1. */
const broadcasting = (n: number): fc.Arbitrary<Array<Any>> =>
  sizes().chain((shape) =>
    fc.tuple(
      ...Array.from({ length: n }, () =>
        fc
          .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
          .chain(([from, ones]) => ofSizes(shape.map((size, i) => (ones[i] ? 1 : size)).slice(from)))
      )
    )
  )

describe("elementwise", () => {
  holds("a broadcast operation reads the cell of each operand that aligns", broadcasting(2), ([a, b]) => {
    const out = Tensor.sub(a!, b!)
    const read = (x: Any, at: ReadonlyArray<number>) =>
      flat(x)[
        place(
          x.sizes,
          x.sizes.map((size, i) => (size === 1 ? 0 : at[at.length - x.sizes.length + i]!))
        )
      ]!
    near(
      flat(out),
      positions(out.sizes).map((at) => read(a!, at) - read(b!, at))
    )
  })

  holds("broadcast sums are associative and commutative", broadcasting(3), ([a, b, c]) => {
    equal(Tensor.add(Tensor.add(a!, b!), c!), Tensor.add(a!, Tensor.add(b!, c!)))
    equal(Tensor.add(a!, b!), Tensor.add(b!, a!))
  })

  holds("where takes one side or the other", broadcasting(3), ([a, b, c]) => {
    const condition = Tensor.lt(a!, 0)
    const mask = Tensor.cast(condition, "f32")
    equal(Tensor.where(condition, b!, c!), Tensor.add(Tensor.mul(mask, b!), Tensor.mul(Tensor.sub(1, mask), c!)))
  })

  holds("comparisons are what JavaScript's are", fc.array(whole), fc.array(whole), (x, y) => {
    const n = Math.min(x.length, y.length)
    const [a, b] = [make(x.slice(0, n), [n]), make(y.slice(0, n), [n])]
    const expected = (compare: (p: number, q: number) => boolean) =>
      x.slice(0, n).map((p, i) => Number(compare(p, y[i]!)))
    near(
      flat(Tensor.lt(a, b)),
      expected((p, q) => p < q)
    )
    near(
      flat(Tensor.le(a, b)),
      expected((p, q) => p <= q)
    )
    near(
      flat(Tensor.gt(a, b)),
      expected((p, q) => p > q)
    )
    near(
      flat(Tensor.ge(a, b)),
      expected((p, q) => p >= q)
    )
    near(
      flat(Tensor.eq(a, b)),
      expected((p, q) => p === q)
    )
    near(
      flat(Tensor.ne(a, b)),
      expected((p, q) => p !== q)
    )
  })

  holds("activations satisfy their identities", fc.array(real), (values) => {
    const x = make(values, [values.length])
    equal(Tensor.sub(Tensor.gelu(x), Tensor.gelu(Tensor.neg(x))), x)
    equal(Tensor.sub(Tensor.softplus(x), Tensor.softplus(Tensor.neg(x))), x)
    equal(Tensor.logSigmoid(x), Tensor.neg(Tensor.softplus(Tensor.neg(x))))
    equal(Tensor.add(Tensor.silu(x), Tensor.silu(Tensor.neg(x))), Tensor.mul(x, Tensor.tanh(Tensor.mul(x, 0.5))))
    equal(Tensor.relu(x), Tensor.maximum(x, 0))
    for (const [i, y] of flat(Tensor.gelu(x, "tanh")).entries())
      expect(Math.abs(y - flat(Tensor.gelu(x))[i]!)).toBeLessThan(1e-3)
  })
})

describe("movement", () => {
  const permuted = sizes().chain((shape) =>
    fc.tuple(
      ofSizes(shape),
      fc.shuffledSubarray(
        shape.map((_, i) => i),
        { minLength: shape.length }
      )
    )
  )

  holds("a permutation reads axis order[i] and has an inverse", permuted, ([x, order]) => {
    const y = Tensor.permute(x, order)
    const inverse = order.map((_, axis) => order.indexOf(axis))
    equal(Tensor.permute(y, inverse), x)
    near(
      flat(y),
      positions(y.sizes).map(
        (at) =>
          flat(x)[
            place(
              x.sizes,
              inverse.map((axis) => at[axis]!)
            )
          ]!
      )
    )
  })

  holds("concat undoes split, and slices find the parts again", withAxis(), fc.nat(4), ([x, axis], cut) => {
    const first = Math.min(cut, x.sizes[axis]!)
    const parts = Tensor.split(x, axis, [first, x.sizes[axis]! - first])
    equal(Tensor.concat(parts, axis), x)
    equal(Tensor.slice(x, axis, [0, first]), parts[0]!)
    equal(Tensor.slice(x, axis, [first]), parts[1]!)
  })

  holds("at undoes stack", withAxis(), ([x, axis]) => {
    const both = Tensor.stack([x, Tensor.neg(x)], axis)
    equal(Tensor.at(both, axis, 0), x)
    equal(Tensor.at(both, axis, -1), Tensor.neg(x))
  })

  holds("flipping twice changes nothing, and flipping reads backward", withAxis(), ([x, axis]) => {
    equal(Tensor.flip(Tensor.flip(x, axis), axis), x)
    const n = x.sizes[axis]!
    for (let i = 0; i < n; i++) equal(Tensor.at(Tensor.flip(x, axis), axis, i), Tensor.at(x, axis, n - 1 - i))
  })

  holds(
    "a slice with a step keeps every n-th",
    withAxis(),
    fc.nat(4),
    fc.integer({ min: 1, max: 3 }),
    ([x, axis], from, step) => {
      const [n, start] = [x.sizes[axis]!, Math.min(from, x.sizes[axis]!)]
      const taken = Array.from({ length: n }, (_, i) => i).filter((i) => i >= start && (i - start) % step === 0)
      const kept = Tensor.slice(x, axis, [start, n, step])
      expect(kept.sizes[axis]).toBe(taken.length)
      taken.forEach((from, to) => equal(Tensor.at(kept, axis, to), Tensor.at(x, axis, from)))
    }
  )

  holds(
    "slicing undoes padding, and the padding is the value",
    withAxis(),
    fc.nat(2),
    fc.nat(2),
    ([x, axis], low, high) => {
      const padded = Tensor.pad(
        x,
        x.sizes.map((_, i) => (i === axis ? [low, high] : [0, 0]) as [number, number]),
        7
      )
      equal(Tensor.slice(padded, axis, [low, low + x.sizes[axis]!]), x)
      const total = (t: Tensor.AnyTensor) => flat(t).reduce((a, b) => a + b, 0)
      expect(total(padded) - total(x)).toBe(7 * (count(padded.sizes) - count(x.sizes)))
    }
  )
})

describe("reduction", () => {
  holds("the mean, the variance and the extremes are those of each row", ofSizes([3, 5], real), (x) => {
    const rows = [0, 1, 2].map((i) => flat(x).slice(i * 5, i * 5 + 5))
    const mean = (row: ReadonlyArray<number>) => row.reduce((a, b) => a + b, 0) / row.length
    near(flat(Tensor.mean(x, 1)), rows.map(mean))
    near(
      flat(Tensor.variance(x, 1)),
      rows.map((row) => mean(row.map((v) => (v - mean(row)) ** 2)))
    )
    near(
      flat(Tensor.max(x, 1)),
      rows.map((row) => Math.max(...row))
    )
    near(
      flat(Tensor.argmin(x, 1)),
      rows.map((row) => row.indexOf(Math.min(...row)))
    )
    near(
      flat(Tensor.logsumexp(x, 1)),
      rows.map((row) => Math.log(row.reduce((a, b) => a + Math.exp(b), 0)))
    )
  })

  holds("summing over two axes is summing over one after the other", ofSizes([2, 3, 4]), (x) => {
    equal(Tensor.sum(x, [0, 2]), Tensor.sum(Tensor.sum(x, 2), 0))
    equal(Tensor.sum(x, [0, 2], { keepDims: true }), Tensor.reshape(Tensor.sum(x, [-1, 0]), [1, 3, 1]))
  })

  holds("any is not all not", withAxis(), ([x, axis]) => {
    const positive = Tensor.gt(x, 0)
    equal(Tensor.any(positive, axis), Tensor.not(Tensor.all(Tensor.not(positive), axis)))
  })

  it("says of nothing what mathematics says", () => {
    expect(flat(Tensor.sum(Tensor.zeros([0, 2]), 0))).toEqual([0, 0])
    expect(flat(Tensor.max(Tensor.zeros([0]), 0))).toEqual([-Infinity])
    expect(flat(Tensor.logsumexp(Tensor.zeros([0]), 0))).toEqual([-Infinity])
    expect(flat(Tensor.any(Tensor.zeros([0], "bool"), 0))).toEqual([0])
    expect(flat(Tensor.all(Tensor.zeros([0], "bool"), 0))).toEqual([1])
    expect(flat(Tensor.softmax(Tensor.zeros([2, 0])))).toEqual([])
  })

  holds("a running sum is the sum so far", withAxis(whole, 1), ([x, axis]) => {
    const running = Tensor.cumsum(x, axis)
    for (let i = 0; i < x.sizes[axis]!; i++)
      equal(Tensor.at(running, axis, i), Tensor.sum(Tensor.slice(x, axis, [0, i + 1]), axis))
  })

  const ties = fc.oneof(whole, fc.constant(-Infinity))
  holds(
    "the k largest are those of a stable sort",
    fc.array(ties, { minLength: 1, maxLength: 7 }),
    fc.nat(7),
    (row, k) => {
      const n = Math.min(k, row.length)
      const order = row.map((_, i) => i).toSorted((i, j) => (row[i] === row[j] ? i - j : row[j]! - row[i]!))
      const { values, indices } = Tensor.topK(make([...row, ...row], [2, row.length]), n)
      const best = order.slice(0, n)
      near(flat(indices), [...best, ...best])
      near(
        flat(values),
        [...best, ...best].map((i) => row[i]!)
      )
    }
  )
})

describe("contraction", () => {
  const letters = ["i", "j", "k", "l"]
  const equation = fc
    .tuple(
      fc.array(fc.array(fc.constantFrom(...letters), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
      fc.nat(5)
    )
    .chain(([terms, extents, skip]) => {
      const used = letters.filter((name) => terms.some((term) => term.includes(name)))
      const size = (name: string) => extents[letters.indexOf(name)]!
      const output = fc.shuffledSubarray(used, { minLength: Math.max(0, used.length - skip) })
      return fc.tuple(fc.constant({ terms, used, size }), output, fc.tuple(...terms.map((t) => ofSizes(t.map(size)))))
    })

  holds("einsum is a loop over every axis", equation, ([{ terms, used, size }, output, operands]) => {
    const spec = `${terms.map((term) => term.join(" ")).join(", ")} -> ${output.join(" ")}`
    const einsum = Tensor.einsum as unknown as (spec: string, ...operands: Array<Any>) => Any
    const expected = new Array<number>(1).fill(0).concat(new Array<number>(count(output.map(size)) - 1).fill(0))
    for (const at of positions(used.map(size))) {
      const index = (names: ReadonlyArray<string>) =>
        place(
          names.map(size),
          names.map((name) => at[used.indexOf(name)]!)
        )
      const product = operands.reduce((p, operand, i) => p * flat(operand)[index(terms[i]!)]!, 1)
      expected[index(output)]! += product
    }
    near(flat(einsum(spec, ...operands)), expected)
  })

  holds("matmul, bmm, dense and einsum agree", ofSizes([2, 3, 4]), ofSizes([2, 4, 2]), ofSizes([4, 5]), (a, b, w) => {
    equal(Tensor.matmul(a, b), Tensor.einsum("b i k, b k j -> b i j", a, b))
    equal(Tensor.bmm(a, b), Tensor.matmul(a, b))
    equal(Tensor.dense(a, w), Tensor.einsum("b i k, k j -> b i j", a, w))
    equal(Tensor.matmul(a, w), Tensor.dense(a, w))
    const one = Tensor.slice(b, 0, [0, 1])
    equal(Tensor.matmul(a, one), Tensor.matmul(a, Tensor.at(b, 0, 0)))
  })
})

describe("indexing", () => {
  const table = ofSizes([5, 3])
  const index = fc.array(fc.nat(4), { minLength: 1, maxLength: 6 })

  holds("a row by index is a product with a one-hot row", table, index, (x, rows) => {
    const i = ints(rows, [rows.length])
    equal(Tensor.take(x, i), Tensor.matmul(Tensor.oneHot(i, 5), x))
    equal(Tensor.embed(x, i), Tensor.take(x, i))
    equal(Tensor.swapAxes(Tensor.take(Tensor.swapAxes(x, 0, 1), i, 1), 0, 1), Tensor.take(x, i))
  })

  holds("scatterAdd is the adjoint of take", table, index, ofSizes([6, 3]), (v, rows, all) => {
    const i = ints(rows, [rows.length])
    const u = Tensor.slice(all, 0, [0, rows.length])
    const inner = (a: Tensor.Tensor, b: Tensor.Tensor) => flat(Tensor.sum(Tensor.mul(a, b)))[0]!
    expect(inner(Tensor.scatterAdd(i, u, 5), v)).toBe(inner(u, Tensor.take(v, i)))
  })

  holds("an index below 0 counts from the end, as with at", table, index, (x, rows) => {
    const [front, back] = [rows, rows.map((row) => row - 5)].map((each) => ints(each, [rows.length]))
    const computed = Tensor.sub(front!, 5)
    for (const i of [back!, computed]) {
      equal(Tensor.take(x, i), Tensor.take(x, front!))
      const column = Tensor.reshape(i, [rows.length, 1])
      equal(
        Tensor.takeAlong(
          Tensor.reshape(Tensor.slice(x, 1, [0, 1]), [1, 5]),
          Tensor.reshape(column, [1, rows.length]),
          1
        ),
        Tensor.reshape(Tensor.slice(Tensor.take(x, front!), 1, [0, 1]), [1, rows.length])
      )
    }
    equal(Tensor.take(x, ints([-1], [1])), Tensor.reshape(Tensor.at(x, 0, -1), [1, 3]))
  })

  it("clamps what it reads and drops what it adds out of range", () => {
    const i = ints([-4, 7, 1], [3])
    expect(flat(Tensor.take(make([10, 20, 30], [3]), i))).toEqual([10, 30, 20])
    expect(flat(Tensor.embed(make([10, 20, 30], [3, 1]), ints([-1, 7], [2])))).toEqual([10, 30])
    expect(flat(Tensor.takeAlong(make([10, 20, 30, 40, 50, 60], [2, 3]), ints([-4, 7], [2, 1]), 1))).toEqual([10, 60])
    expect(flat(Tensor.scatterAdd(i, make([1, 2, 4], [3]), 3))).toEqual([0, 4, 0])
    expect(flat(Tensor.oneHot(i, 2))).toEqual([0, 0, 0, 0, 0, 1])
  })

  const along = withAxis(whole, 1).chain(([x, axis]) =>
    fc.integer({ min: 1, max: 3 }).chain((k) => {
      const shape = x.sizes.map((size, i) => (i === axis ? k : size))
      const n = count(shape)
      const cells = fc.array(fc.nat(x.sizes[axis]! - 1), { minLength: n, maxLength: n })
      return cells.map((values) => [x, axis, ints(values, shape)] as const)
    })
  )
  holds("takeAlong reads one cell per cell of the index", along, ([x, axis, i]) => {
    const y = Tensor.takeAlong(x, i, axis)
    near(
      flat(y),
      positions(i.sizes).map((at, n) => flat(x)[place(x.sizes, at.with(axis, flat(i)[n]!))]!)
    )
  })
})

describe("normalising", () => {
  holds("softmax does not change when a row is shifted, and sums to 1", ofSizes([3, 4], real), real, (x, shift) => {
    equal(Tensor.softmax(Tensor.add(x, shift)), Tensor.softmax(x))
    near(flat(Tensor.sum(Tensor.softmax(x, 0), 0)), [1, 1, 1, 1])
    equal(Tensor.logSoftmax(x), Tensor.log(Tensor.softmax(x)))
  })

  it("softmax and logsumexp neither overflow nor make NaN", () => {
    near(flat(Tensor.softmax(make([1e6, 1e6, -1e6], [3]))), [0.5, 0.5, 0])
    near(flat(Tensor.softmax(make([-Infinity, 0], [2]))), [0, 1])
    near(flat(Tensor.logsumexp(make([-Infinity, -Infinity], [2]), 0)), [-Infinity])
    near(flat(Tensor.logSoftmax(make([1e6, 0], [2]))), [0, -1e6])
  })

  holds(
    "a masked softmax is the softmax of what is left",
    ofSizes([1, 5], real),
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    (x, mask) => {
      const kept = flat(x).filter((_, i) => mask[i])
      const inner = kept.length === 0 ? [] : flat(Tensor.softmax(make(kept, [kept.length])))
      near(
        flat(Tensor.maskedSoftmax(x, bools(mask, [5]))),
        mask.map((keep) => (keep ? inner.shift()! : 0))
      )
    }
  )

  holds(
    "norms do what they are named after",
    ofSizes([2, 4], real),
    ofSizes([4], real),
    ofSizes([4], real),
    (x, w, b) => {
      const rms = Tensor.sqrt(Tensor.add(Tensor.mean(Tensor.square(x), 1, { keepDims: true }), 1e-6))
      equal(Tensor.rmsNorm(x, w), Tensor.mul(Tensor.div(x, rms), w))
      const centred = Tensor.sub(x, Tensor.mean(x, 1, { keepDims: true }))
      const deviation = Tensor.sqrt(Tensor.add(Tensor.variance(x, 1, { keepDims: true }), 1e-5))
      equal(Tensor.layerNorm(x, w, b), Tensor.add(Tensor.mul(Tensor.div(centred, deviation), w), b))
    }
  )
})

describe("losses", () => {
  const labelled = fc.tuple(ofSizes([3, 4], real), fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }))
  const mask = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })

  holds("cross-entropy is minus the mean log-softmax at the labels that count", labelled, mask, ([x, labels], keep) => {
    const logProbs = labels.map((label, row) => flat(Tensor.logSoftmax(x))[row * 4 + label]!)
    near(flat(Tensor.labelLogProbs(x, ints(labels, [3]))), logProbs)
    const counted = logProbs.filter((_, i) => keep[i])
    const expected = counted.length === 0 ? 0 : -counted.reduce((a, b) => a + b, 0) / counted.length
    near(flat(Tensor.crossEntropy(x, ints(labels, [3]), { mask: bools(keep, [3]) })), [expected])
    near(flat(Tensor.crossEntropy(x, ints(labels, [3]))), [-logProbs.reduce((a, b) => a + b, 0) / 3])
  })

  holds("smoothing mixes in the mean over all classes", labelled, ([x, labels]) => {
    const i = ints(labels, [3])
    const even = -flat(Tensor.mean(Tensor.logSoftmax(x)))[0]!
    const plain = flat(Tensor.crossEntropy(x, i))[0]!
    near(flat(Tensor.crossEntropy(x, i, { labelSmoothing: 0.1 })), [0.9 * plain + 0.1 * even])
  })
})

describe("attention", () => {
  const [h, g, t, s, d, e] = [4, 2, 3, 5, 2, 3]
  const operands = fc.tuple(ofSizes([h, t, d], real), ofSizes([g, s, d], real), ofSizes([g, s, e], real))
  const looks = fc.array(fc.boolean(), { minLength: t * s, maxLength: t * s })

  holds(
    "is a weighted mean of the values each query may see",
    operands,
    looks,
    fc.boolean(),
    ([q, k, v], may, causal) => {
      const [Q, K, V] = [flat(q), flat(k), flat(v)]
      const expected = positions([h, t, e]).map(([head, query, out]) => {
        const group = Math.floor(head! / (h / g))
        const weights = Array.from({ length: s }, (_, key) => {
          if (!may[query! * s + key] || (causal && key > query! + s - t)) return 0
          let score = 0
          for (let i = 0; i < d; i++)
            score += Q[place([h, t, d], [head!, query!, i])]! * K[place([g, s, d], [group, key, i])]!
          return Math.exp(score / Math.sqrt(d))
        })
        const total = weights.reduce((a, b) => a + b, 0)
        if (total === 0) return 0
        return weights.reduce(
          (sum, weight, key) => sum + (weight / total) * V[place([g, s, e], [group, key, out!])]!,
          0
        )
      })
      near(flat(Tensor.attention(q, k, v, { mask: bools(may, [t, s]), causal })), expected)
    }
  )

  holds(
    "what is visible is so for all heads of a row of the batch",
    fc.tuple(ofSizes([2, h, t, d], real), ofSizes([2, g, s, d], real), ofSizes([2, g, s, e], real)),
    fc.array(fc.boolean(), { minLength: 2 * t * s, maxLength: 2 * t * s }),
    fc.boolean(),
    ([q, k, v], may, causal) => {
      const visible = bools(may, [2, t, s])
      const attended = Tensor.attention(q, k, v, { visible, causal })
      for (const row of [0, 1]) {
        const of = (x: Any) => Tensor.at(x, 0, row) as Any
        equal(of(attended), Tensor.attention(of(q), of(k), of(v), { mask: Tensor.at(visible, 0, row), causal }))
      }
    }
  )

  holds("a mask that hides nothing changes nothing", operands, ([q, k, v]) => {
    equal(Tensor.attention(q, k, v), Tensor.attention(q, k, v, { mask: Tensor.ones([t, s], "bool") }))
  })

  holds(
    "a promise that what is hidden is finite changes nothing where it is kept",
    operands,
    looks,
    fc.boolean(),
    ([q, k, v], may, causal) => {
      const options = { mask: bools(may, [t, s]), causal }
      equal(Tensor.attention(q, k, v, { ...options, finite: true }), Tensor.attention(q, k, v, options))
    }
  )

  holds(
    "under that promise a key or value that is NaN still shows in every query that may look at it",
    operands,
    looks,
    fc.nat(s - 1),
    fc.boolean(),
    ([q, k, v], may, broken, inKeys) => {
      const mask = bools(
        may.map((each, i) => each || i % s === broken),
        [t, s]
      )
      const place = Tensor.expandDims(Tensor.eq(Tensor.iota([s], 0), broken), 1)
      const [K, V] = [k, v].map((x, i) => (inKeys === (i === 0) ? (Tensor.where(place, NaN, x) as Any) : x))
      flat(Tensor.attention(q, K!, V!, { mask, finite: true })).forEach((value) => expect(value).toBeNaN())
    }
  )

  holds(
    "rotated scores depend on the distance alone, and lengths are kept",
    ofSizes([1, 4], real),
    ofSizes([1, 4], real),
    fc.nat(50),
    fc.nat(50),
    (q, k, at, shift) => {
      const turn = (x: Any, position: number) => Tensor.rope(x, ints([position], [1]))
      const score = (p: number, r: number) => flat(Tensor.sum(Tensor.mul(turn(q, p), turn(k, r))))[0]!
      near([score(at + shift, shift)], [score(at, 0)])
      near(flat(Tensor.sum(Tensor.square(turn(q, at)))), flat(Tensor.sum(Tensor.square(q))))
      equal(turn(q, 0), q)
    }
  )

  holds("all heads rotate by the positions of their row of the batch", ofSizes([2, 3, 2, 4], real), (x) => {
    const y = Tensor.rope(x, ints([0, 1, 5, 6], [2, 2]))
    for (const [row, at] of [
      [0, 1],
      [5, 6]
    ].entries())
      equal(Tensor.at(y, 0, row) as Any, Tensor.rope(Tensor.at(x, 0, row) as Any, ints(at, [2])))
    equal(Tensor.rope(x, ints([5, 6], [1, 2])), Tensor.rope(x, ints([5, 6], [2])))
  })

  holds("heads and batch rotate by the positions of their rows", ofSizes([2, 3, 2, 4], real), (x) => {
    const rows = ints([0, 1, 5, 6], [2, 1, 2])
    const y = Tensor.rope(x, rows)
    equal(Tensor.at(y, 0, 1), Tensor.rope(Tensor.at(x, 0, 1) as Any, ints([5, 6], [2])))
  })
})
