/** One function per differentiable operation of the DSL, by its public name; after a comma, what is special. */
import { Last, merge, named, Random, Same, Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { functions } from "../functions.ts"

/** Shapes vary, which types need not follow here. */
export type Any = Tensor.Tensor<any>

export interface Operation {
  readonly sizes: fc.Arbitrary<ReadonlyArray<ReadonlyArray<number>>>
  readonly of: (...tensors: ReadonlyArray<Any>) => Any
  /** Every argument is above 0.3. */
  readonly positive?: boolean
}

const size = fc.integer({ min: 1, max: 3 })
const rows = fc.array(size, { minLength: 1, maxLength: 3 }).map((sizes) => [sizes])
const square = fc.tuple(size, size).map(([n, m]) => [[n, m]])
const last = (x: Any): number => x.sizes.length - 1
const labels = (x: Any, classes: number): Tensor.Tensor<any, "i32"> =>
  Tensor.rem(Tensor.iota(x.sizes.slice(0, -1), 0), classes) as Tensor.Tensor<any, "i32">
const someRows = (x: Any): Tensor.Tensor<any, "bool"> =>
  Tensor.gt(Tensor.iota(x.sizes, 0), 0) as Tensor.Tensor<any, "bool">
const merged = (x: Any): Tensor.Tensor<[number, "h*d"]> =>
  Tensor.ensureShape(x, [x.sizes[0]!, merge(named("h", 2), named("d", 3))])
/** A position of which nothing is known before the program runs. */
const later = (at: number): Tensor.Tensor<[], "i32"> =>
  Tensor.add(Tensor.scalar(at - 1, "i32"), Tensor.scalar(1, "i32"))
const ids = Tensor.fromArray(new Int32Array([2, 0, 2, 1]), [2, 2])

const pair = rows.map(([s]) => [s!, s!])
/** The first, and the second stretched over its leading axes. */
const stretched = square.map(([[n, m]]) => [[n!, m!], [m!]])
const map = (f: (x: any) => unknown, positive = false): Operation => ({ sizes: rows, of: (x) => f(x) as Any, positive })
const join = (f: (a: any, b: any) => unknown, positive = false): Operation => ({
  sizes: stretched,
  of: (a, b) => f(a, b) as Any,
  positive
})
const alike = (f: (a: any, b: any) => unknown, positive = false): Operation => ({
  sizes: pair,
  of: (a, b) => f(a, b) as Any,
  positive
})

export const operations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(functions.map((fn) => [fn.definition.name, map(fn, fn.definition.domain !== undefined)])),
  add: join(Tensor.add),
  sub: join(Tensor.sub),
  mul: join(Tensor.mul),
  div: join(Tensor.div, true),
  rem: map((x) => Tensor.rem(x, 0.7), true),
  pow: join(Tensor.pow, true),
  maximum: join(Tensor.maximum),
  minimum: join(Tensor.minimum),
  "Same.add": alike(Same.add),
  "Same.sub": alike(Same.sub),
  "Same.mul": alike(Same.mul),
  "Same.div": alike(Same.div, true),
  "Same.maximum": alike(Same.maximum),
  "Same.minimum": alike(Same.minimum),
  neg: map(Tensor.neg),
  abs: map(Tensor.abs),
  sign: map(Tensor.sign),
  exp: map(Tensor.exp),
  log: map(Tensor.log, true),
  sqrt: map(Tensor.sqrt, true),
  rsqrt: map(Tensor.rsqrt, true),
  sin: map(Tensor.sin),
  cos: map(Tensor.cos),
  tanh: map(Tensor.tanh),
  erf: map(Tensor.erf),
  sigmoid: map(Tensor.sigmoid),
  floor: map(Tensor.floor),
  ceil: map(Tensor.ceil),
  round: map(Tensor.round),
  cast: map((x) => Tensor.cast(x, "f32")),
  sum: map((x) => Tensor.sum(x, 0)),
  max: map((x) => Tensor.max(x, 0)),
  min: map((x) => Tensor.min(x, 0)),
  "Last.sum": map(Last.sum),
  "Last.mean": map(Last.mean),
  "Last.max": map(Last.max),
  "Last.min": map(Last.min),
  "Last.logsumexp": map(Last.logsumexp),
  reshape: map((x: Any) => Tensor.reshape(x, [x.sizes.reduce((n, m) => n * m, 1), 1])),
  permute: { sizes: square, of: (x) => Tensor.permute(x!, [1, 0]) as Any },
  transpose: { sizes: square, of: (x) => Tensor.transpose(x!) as Any },
  swapAxes: { sizes: square, of: (x) => Tensor.swapAxes(x!, 0, 1) as Any },
  broadcastTo: map((x) => Tensor.broadcastTo(x, [2, ...x.sizes])),
  expandDims: map((x) => Tensor.expandDims(x, 0)),
  squeeze: { sizes: size.map((n) => [[1, n]]), of: (x) => Tensor.squeeze(x!, 0) as Any },
  flip: { sizes: square, of: (x) => Tensor.flip(x!, 1 as never) as Any },
  ensureShape: map((x) => Tensor.ensureShape(x, x.sizes)),
  at: map((x) => Tensor.at(x, 0, x.sizes[0] - 1)),
  splitLast: { sizes: size.map((n) => [[n, 6]]), of: (x) => Tensor.splitLast(merged(x!), ["h", "d"]) as Any },
  mergeLast: { sizes: square, of: (x) => Tensor.mergeLast(x!) as Any },
  narrow: { sizes: size.map((n) => [[n, 5]]), of: (x) => Tensor.narrow(x!, 1 as never, 1, 3 as never) as Any },
  "narrow, at run time": {
    sizes: size.map((n) => [[n, 5]]),
    of: (x) => Tensor.narrow(x!, 1 as never, later(3), 3 as never) as Any
  },
  put: {
    sizes: size.map((n) => [
      [n, 5],
      [n, 2]
    ]),
    of: (x, y) => Tensor.put(x!, { axis: 1, at: 2 }, y! as never) as Any
  },
  "put, at run time": {
    sizes: size.map((n) => [
      [n, 4, 2],
      [n, 2, 2]
    ]),
    of: (x, y) => Tensor.put(x!, { axis: 1, at: later(3) }, y! as never) as Any
  },
  padTo: { sizes: size.map((n) => [[n, 2]]), of: (x) => Tensor.padTo(x!, 1 as never, 4 as never, 7) as Any },
  slice: { sizes: size.map((n) => [[n, 5]]), of: (x) => Tensor.slice(x!, 1 as never, [1, 4]) as Any },
  split: {
    sizes: size.map((n) => [[n, 4]]),
    of: (x) => {
      const [a, b] = Tensor.split(x!, 1 as never, [1, 3] as never) as unknown as readonly [Any, Any]
      return Tensor.concat([Tensor.square(b!), a!], 1 as never) as Any
    }
  },
  pad: {
    sizes: square,
    of: (x) =>
      Tensor.pad(
        x!,
        [
          [1, 0],
          [0, 2]
        ] as never,
        3
      ) as Any
  },
  dense: {
    sizes: fc.tuple(size, size, size).map(([n, k, m]) => [
      [n, k],
      [k, m]
    ]),
    of: (x, w) => Tensor.dense(x!, w!) as Any
  },
  bmm: {
    sizes: fc.tuple(size, size, size).map(([n, k, m]) => [
      [2, n, k],
      [2, k, m]
    ]),
    of: (a, b) => Tensor.bmm(a!, b!) as Any
  },
  scatterAdd: {
    sizes: size.map((d) => [[2, 2, d]]),
    of: (x) => Tensor.scatterAdd(ids, x as never, 3) as Any
  },
  square: { sizes: rows, of: (x) => Tensor.square(x!) },
  clip: { sizes: rows, of: (x) => Tensor.clip(x!, -0.9, 0.9) },
  relu: { sizes: rows, of: (x) => Tensor.relu(x!) },
  silu: { sizes: rows, of: (x) => Tensor.silu(x!) },
  softplus: { sizes: rows, of: (x) => Tensor.softplus(x!) },
  logSigmoid: { sizes: rows, of: (x) => Tensor.logSigmoid(x!) },
  "gelu, exact": { sizes: rows, of: (x) => Tensor.gelu(x!) },
  "gelu, tanh": { sizes: rows, of: (x) => Tensor.gelu(x!, "tanh") },
  mean: { sizes: rows, of: (x) => Tensor.mean(x!, 0) },
  variance: { sizes: rows, of: (x) => Tensor.variance(x!, last(x!) as 0) },
  logsumexp: { sizes: rows, of: (x) => Tensor.logsumexp(x!, last(x!) as 0) },
  softmax: { sizes: rows, of: (x) => Tensor.softmax(x!) },
  "softmax, another axis": { sizes: rows, of: (x) => Tensor.softmax(x!, 0 as never) },
  logSoftmax: { sizes: rows, of: (x) => Tensor.logSoftmax(x!) },
  "maskedSoftmax, some rows empty": { sizes: square, of: (x) => Tensor.maskedSoftmax(x!, someRows(x!)) },
  rmsNorm: { sizes: square.map(([[n, m]]) => [[n!, m!], [m!]]), of: (x, w) => Tensor.rmsNorm(x!, w!, 0.1) },
  layerNorm: {
    sizes: square.map(([[n, m]]) => [[n!, m!], [m!], [m!]]),
    of: (x, w, b) => Tensor.layerNorm(x!, w!, b!, 0.1)
  },
  crossEntropy: { sizes: square, of: (x) => Tensor.crossEntropy(x!, labels(x!, x!.sizes[1]!)) },
  "crossEntropy, smoothed and masked": {
    sizes: square,
    of: (x) => {
      const rowsKept = Tensor.gt(Tensor.iota([x!.sizes[0]!], 0), 0)
      return Tensor.crossEntropy(x!, labels(x!, x!.sizes[1]!), { mask: rowsKept, labelSmoothing: 0.1 })
    }
  },
  labelLogProbs: { sizes: square, of: (x) => Tensor.labelLogProbs(x!, labels(x!, x!.sizes[1]!)) },
  matmul: {
    sizes: fc.tuple(size, size, size).map(([n, m, k]) => [
      [2, n, k],
      [k, m]
    ]),
    of: (a, b) => Tensor.matmul(a!, b!)
  },
  einsum: {
    sizes: fc.tuple(size, size, size).map(([b, i, j]) => [
      [b, i, j],
      [j, b]
    ]),
    of: (a, b) => Tensor.einsum("b i j, j b -> j i" as never, a as never, b as never) as Any
  },
  attention: {
    sizes: fc.tuple(size, size, size).map(([h, t, d]) => [
      [2 * h, t, d],
      [h, t, d],
      [h, t, d]
    ]),
    of: (q, k, v) => Tensor.attention(q!, k!, v!, { causal: true })
  },
  rope: {
    sizes: fc.tuple(size, size).map(([t, d]) => [[t, 2 * d]]),
    of: (x) => Tensor.rope(x!, Tensor.iota([x!.sizes[0]!], 0))
  },
  take: { sizes: size.map((d) => [[3, d]]), of: (table) => Tensor.take(table!, ids) as Any },
  embed: { sizes: size.map((d) => [[3, d]]), of: (table) => Tensor.embed(table!, ids) },
  "take, along an axis": { sizes: size.map((n) => [[n, 3]]), of: (x) => Tensor.take(x!, ids, 1 as never) as Any },
  takeAlong: {
    sizes: size.map((n) => [[n, 3]]),
    of: (x) => Tensor.takeAlong(x!, Tensor.iota([x!.sizes[0]!, 2], 1) as never, 1 as never) as Any
  },
  cumsum: { sizes: rows, of: (x) => Tensor.cumsum(x!, 0 as never) },
  topK: { sizes: square.map(([[n]]) => [[n!, 3]]), of: (x) => Tensor.topK(x!, 2).values },
  where: { sizes: rows, of: (x) => Tensor.where(Tensor.gt(x!, 0.5), Tensor.log(x!), Tensor.square(x!)) as Any },
  "Random.dropout": map((x) => Random.dropout(Random.key(7), x, 0.3)),
  concat: { sizes: square.map(([s]) => [s!, s!]), of: (a, b) => Tensor.concat([a!, b!], 1 as never) as Any },
  stack: { sizes: pair, of: (a, b) => Tensor.stack([a!, b!], 0 as never) as Any }
}

/** Public names without a gradient to check, by the reason. */
export const without: Readonly<Record<string, ReadonlyArray<string>>> = {
  "gives conditions or indices":
    "eq ne lt le gt ge isNaN isFinite and or not any all argmax argmin Last.argmax oneHot isTensor dim".split(" "),
  "makes a tensor of its own": "scalar full zeros ones fullLike zerosLike onesLike eye fromArray arange iota".split(
    " "
  ),
  "draws one":
    "key foldIn split uniform uniformLike normal normalLike bernoulli gumbel categorical integers threefry2x32"
      .split(" ")
      .map((name) => `Random.${name}`),
  "makes a tensor of a node": ["fromNode"]
}
