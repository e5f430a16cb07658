/** One random program per primitive, with values at which it is smooth. */
import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { functions } from "../functions.ts"

/** A function of f32 tensors of these sizes. */
export interface Program {
  readonly sizes: ReadonlyArray<ReadonlyArray<number>>
  readonly of: (...inputs: ReadonlyArray<Node>) => Node
}

export interface Sample extends Program {
  readonly data: ReadonlyArray<Float64Array>
}

type Values = (count: number) => fc.Arbitrary<ReadonlyArray<number>>

const between =
  (min: number, max: number): Values =>
  (count) =>
    fc.array(fc.double({ min, max, noNaN: true }), { minLength: count, maxLength: count })

const any = between(-3, 3)
const positive = between(0.2, 3)
const awayFromZero: Values = (count) =>
  fc
    .tuple(positive(count), fc.array(fc.boolean(), { minLength: count, maxLength: count }))
    .map(([data, signs]) => data.map((x, i) => (signs[i] ? x : -x)))
/** No two alike, within one tensor or between several. */
const distinct: Values = (count) =>
  fc
    .shuffledSubarray(
      Array.from({ length: count }, (_, i) => i),
      { minLength: count }
    )
    .map((order) => order.map((i) => (i - count / 2) / 8 + 0.03))

const sampled = (program: fc.Arbitrary<Program>, values: Values = any): fc.Arbitrary<Sample> =>
  program.chain(({ sizes, of }) =>
    values(sizes.reduce((total, shape) => total + G.count(shape), 0)).map((all) => {
      let from = 0
      const data = sizes.map((shape) => Float64Array.from(all.slice(from, (from += G.count(shape)))))
      return { sizes, of, data }
    })
  )

const size = fc.integer({ min: 1, max: 3 })
const shapes = fc.array(size, { maxLength: 3 })
const ranked = fc.array(size, { minLength: 1, maxLength: 3 })
const axisOf = (shape: ReadonlyArray<number>) => fc.integer({ min: 0, max: shape.length - 1 })
const axesOf = (shape: ReadonlyArray<number>) => fc.subarray(shape.map((_, axis) => axis))
const orderOf = (rank: number) =>
  fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank }
  )
const indices = (shape: ReadonlyArray<number>, least: number, most: number) =>
  fc
    .array(fc.integer({ min: least, max: most }), { minLength: G.count(shape), maxLength: G.count(shape) })
    .map((data) => G.constant(Int32Array.from(data), shape, "i32"))

const unary = (fn: G.UnaryFn, values?: Values) =>
  sampled(
    shapes.map((shape) => ({ sizes: [shape], of: (x) => G.unary(fn, x!) })),
    values
  )
const binary = (fn: G.BinaryFn, values?: Values) =>
  sampled(
    shapes.map((shape) => ({ sizes: [shape, shape], of: (a, b) => G.binary(fn, a!, b!) })),
    values
  )
const reduce = (fn: G.ReduceFn, values?: Values) =>
  sampled(
    shapes.chain((shape) => axesOf(shape).map((axes) => ({ sizes: [shape], of: (x) => G.reduce(fn, x!, axes) }))),
    values
  )

/** Sizes of an input and of what it is broadcast to, with the axes it goes to in any order. */
const broadcast = fc
  .array(fc.record({ size, keep: fc.boolean(), stretch: fc.boolean() }), { maxLength: 4 })
  .chain((axes) => {
    const kept = axes.flatMap(({ keep }, axis) => (keep ? [axis] : []))
    return orderOf(kept.length).map((order): Program => {
      const to = order.map((i) => kept[i]!)
      const sizes = axes.map((axis) => axis.size)
      return {
        sizes: [to.map((axis) => (axes[axis]!.stretch ? 1 : sizes[axis]!))],
        of: (x) => G.broadcast(x!, sizes, to)
      }
    })
  })

const slice = fc
  .array(
    size.chain((count) =>
      fc.record({
        count: fc.constant(count),
        step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
        low: fc.nat(2),
        high: fc.nat(2)
      })
    ),
    { minLength: 1, maxLength: 3 }
  )
  .map((axes): Program => {
    const walked = axes.map(({ count, step }) => (count - 1) * Math.abs(step))
    return {
      sizes: [axes.map(({ low, high }, axis) => low + walked[axis]! + 1 + high)],
      of: (x) =>
        G.slice(
          x!,
          axes.map(({ low, step }, axis) => (step > 0 ? low : low + walked[axis]!)),
          axes.map(({ count }) => count),
          axes.map(({ step }) => step)
        )
    }
  })

const pad = ranked.chain((shape) =>
  fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))).map((cells): Program => ({
    sizes: [shape],
    of: (x) =>
      G.pad(
        x!,
        cells.map(([low]) => low),
        cells.map(([, high]) => high),
        7
      )
  }))
)

const concat = ranked.chain((shape) =>
  axisOf(shape).chain((axis) =>
    fc.array(fc.nat(3), { minLength: 2, maxLength: 3 }).map((parts): Program => ({
      sizes: parts.map((part) => shape.with(axis, part)),
      of: (...all) => G.concat(all, axis)
    }))
  )
)

/** Any number of batch, contracted and free axes, in any order on both sides. */
const dot = fc
  .record({
    batch: fc.array(size, { maxLength: 2 }),
    contract: fc.array(size, { maxLength: 2 }),
    freeA: fc.array(size, { maxLength: 2 }),
    freeB: fc.array(size, { maxLength: 2 })
  })
  .chain(({ batch, contract, freeA, freeB }) => {
    const pairs = [...batch, ...contract]
    return fc
      .tuple(orderOf(pairs.length + freeA.length), orderOf(pairs.length + freeB.length))
      .map(([orderA, orderB]): Program => {
        const paired = pairs.map((_, i) => [orderA.indexOf(i), orderB.indexOf(i)] as const)
        return {
          sizes: [orderA.map((i) => [...pairs, ...freeA][i]!), orderB.map((i) => [...pairs, ...freeB][i]!)],
          of: (a, b) => G.dot(a!, b!, paired.slice(0, batch.length), paired.slice(batch.length))
        }
      })
  })

const gather = fc
  .tuple(ranked, fc.array(size, { maxLength: 2 }))
  .chain(([table, index]) =>
    indices(index, -1, table[0]!).map((at): Program => ({ sizes: [table], of: (x) => G.gather(x!, at) }))
  )

/** At a place that is known or not, and that may lie outside. */
const put = fc
  .tuple(size, size, size, size, fc.integer({ min: -2, max: 4 }), fc.boolean())
  .map(([outer, n, m, inner, at, isKnown]): Program => {
    const before = G.constant(Int32Array.of(at), [], "i32")
    const start = isKnown ? before : G.binary("add", before, G.scalar(0, "i32"))
    return {
      sizes: [
        [outer, n, inner],
        [outer, m, inner]
      ],
      of: (x, y) => G.put(x!, y!, start, 1)
    }
  })

const scatterAdd = fc
  .tuple(size, fc.array(size, { maxLength: 2 }), fc.array(size, { maxLength: 1 }))
  .chain(([rows, index, rest]) =>
    indices(index, -1, rows).map((at): Program => ({
      sizes: [[...index, ...rest]],
      of: (x) => G.scatterAdd(at, x!, rows)
    }))
  )

export const programs: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  neg: unary("neg"),
  abs: unary("abs", awayFromZero),
  exp: unary("exp"),
  log: unary("log", positive),
  sqrt: unary("sqrt", positive),
  rsqrt: unary("rsqrt", positive),
  sin: unary("sin"),
  cos: unary("cos"),
  ...Object.fromEntries(
    functions.map(({ definition }) => [
      definition.name,
      sampled(
        shapes.map((shape) => ({ sizes: [shape], of: (x) => G.elementwise(definition, x!) })),
        definition.domain === undefined ? any : positive
      )
    ])
  ),
  tanh: unary("tanh"),
  erf: unary("erf"),
  sigmoid: unary("sigmoid"),
  sign: unary("sign", awayFromZero),
  floor: unary("floor", distinct),
  ceil: unary("ceil", distinct),
  round: unary("round", distinct),
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div", awayFromZero),
  rem: binary("rem", between(0.4, 0.7)),
  pow: binary("pow", positive),
  "pow with a number": sampled(
    fc.tuple(shapes, fc.constantFrom(-1, 0, 0.5, 1, 2, 3)).map(([shape, p]) => ({
      sizes: [shape],
      of: (x) => G.binary("pow", x!, G.broadcast(G.scalar(p, "f32"), shape, []))
    })),
    positive
  ),
  max: binary("max", distinct),
  min: binary("min", distinct),
  select: sampled(
    shapes.map((shape) => ({
      sizes: [shape, shape],
      of: (a, b) => G.select(G.compare("lt", a!, b!), G.binary("mul", a!, b!), b!)
    })),
    distinct
  ),
  broadcast: sampled(broadcast),
  reshape: sampled(ranked.map((shape) => ({ sizes: [shape], of: (x) => G.reshape(x!, [G.count(shape), 1]) }))),
  permute: sampled(
    shapes.chain((shape) => orderOf(shape.length).map((order) => ({ sizes: [shape], of: (x) => G.permute(x!, order) })))
  ),
  slice: sampled(slice),
  pad: sampled(pad),
  concat: sampled(concat),
  "reduce sum": reduce("sum"),
  "reduce max": reduce("max", distinct),
  "reduce min": reduce("min", distinct),
  dot: sampled(dot),
  gather: sampled(gather),
  scatterAdd: sampled(scatterAdd),
  put: sampled(put),
  cumsum: sampled(
    ranked.chain((shape) => axisOf(shape).map((axis) => ({ sizes: [shape], of: (x) => G.cumsum(x!, axis) })))
  ),
  "cast and argmax": sampled(
    ranked.chain((shape) =>
      axisOf(shape).map((axis) => ({ sizes: [shape], of: (x) => G.cast(G.argmax(x!, axis), "f32") }))
    ),
    distinct
  )
}
