/**
 * Functions generic in their sizes, whose bodies must type-check as they are: with no cast, and with the type they
 * promise. Each of the supported compilers checks this file.
 */
import { type Axis, type Dim, merge, Random, type Shape, Tensor } from "@noema/tensor"

type T<S extends Shape, D extends Tensor.DType = "f32"> = Tensor.Tensor<S, D>

const { add, at, concat, dim, expandDims, matmul, ones, reshape, slice, sum, take, zeros } = Tensor

export const products = {
  batch: <B extends Dim>(x: T<[B, 8, 16]>, w: T<[16, 4]>): T<[B, 8, 4]> => matmul(x, w),
  two: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>, w: T<[16, 4]>): T<[B, N, 4]> => matmul(x, w),
  all: <B extends Dim, N extends Dim, D extends Dim, E extends Dim>(x: T<[B, N, D]>, w: T<[D, E]>): T<[B, N, E]> =>
    matmul(x, w),
  scores: <B extends Dim, H extends Dim, N extends Dim, D extends Dim>(
    q: T<[B, H, N, D]>,
    k: T<[B, H, D, N]>
  ): T<[B, H, N, N]> => matmul(q, k),
  stretched: <B extends Dim, C extends Dim>(x: T<[B, 1, 8, 16]>, w: T<[C, 16, 4]>): T<[B, C, 8, 4]> => matmul(x, w),
  named: <B extends Dim>(x: T<[B, "n", "width"]>, w: T<["width", "inner"]>): T<[B, "n", "inner"]> => matmul(x, w),
  piped: <B extends Dim>(x: T<[B, 8, 16]>, w: T<[16, 4]>): T<[B, 8, 4]> => x.pipe(matmul(w)),
  einsum: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>, y: T<[B, N, D]>): T<[B, N, N]> =>
    Tensor.einsum("b i d, b j d -> b i j", x, y),
  dense: <B extends Dim, N extends Dim>(
    x: T<[B, N, "width"]>,
    w: T<["width", "inner"]>,
    b: T<["inner"]>
  ): T<[B, N, "inner"]> => Tensor.dense(x, w, b),
  denseAny: <B extends Shape, K extends Dim, M extends Dim>(x: T<[...B, K]>, w: T<[K, M]>): T<[...B, M]> =>
    Tensor.dense(x, w),
  denseUnknown: <B extends Shape, K extends Dim>(x: T<[...B, K]>, w: T<[number, 3]>): T<[...B, 3]> => Tensor.dense(x, w)
}

export const ranges = {
  written: <B extends Dim>(x: T<[B, 8, 16]>): T<[B, 3, 16]> => slice(x, 1, [2, 5]),
  from: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, N, 8]> => slice(x, 2, [8]),
  last: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, N, 8]> => slice(x, -1, [-8]),
  first: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, 1, 16]> => slice(x, 1, [0, 1]),
  lastOfMany: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, 1, 16]> => slice(x, 1, [-1]),
  rest: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, number, 16]> => slice(x, 1, [1]),
  cell: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, 16]> => at(x, 1, -1),
  firstCell: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[N, 16]> => at(x, 0, 0),
  anyCell: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>, i: number): T<[B, D]> => at(x, 1, i),
  parts: <B extends Dim>(x: T<[B, 9]>): readonly [T<[B, 4]>, T<[B, 5]>] => Tensor.split(x, 1, [4, 5]),
  padded: <B extends Dim, N extends Dim>(x: T<[B, N, 6]>): T<[B, N, 8]> =>
    Tensor.pad(x, [
      [0, 0],
      [0, 0],
      [1, 1]
    ])
}

export const rows = {
  along: <B extends Dim, N extends Dim, K extends Dim>(x: T<[B, N, 16]>, i: T<[K], "i32">): T<[B, K, 16]> =>
    take(x, i, 1),
  table: <V extends Dim, B extends Dim, N extends Dim, D extends Dim>(
    x: T<[V, D]>,
    i: T<[B, N], "i32">
  ): T<[B, N, D]> => take(x, i),
  anyIndex: <V extends Dim, B extends Shape, D extends Dim>(x: T<[V, D]>, i: T<B, "i32">): T<[...B, D]> => take(x, i),
  each: <B extends Dim, N extends Dim>(x: T<[B, N]>, i: T<[B, 1], "i32">): T<[B, 1]> => Tensor.takeAlong(x, i, 1),
  added: <I extends Dim, N extends Dim, D extends Dim>(i: T<[I, N], "i32">, x: T<[I, N, D]>): T<[10, D]> =>
    Tensor.scatterAdd(i, x, 10),
  hot: <B extends Dim>(x: T<[B], "i32">): T<[B, 10]> => Tensor.oneHot(x, 10),
  drawn: <B extends Dim>(x: T<[B, 9]>): T<[B], "i32"> => Random.categorical(Random.key(1), x)
}

export const joined = {
  beside: <B extends Dim>(x: T<[B, 16]>): T<[B, 32]> => concat([x, ones([dim(x, 0), 16])], 1),
  twice: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, N, 32]> => concat([x, x], -1),
  longer: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>, y: T<[B, 4, 16]>): T<[B, number, 16]> => concat([x, y], 1),
  stacked: <B extends Dim, N extends Dim>(x: T<[B, N]>, y: T<[B, N]>): T<[B, 2, N]> => Tensor.stack([x, y], 1)
}

export const dimensions = {
  zeros: <B extends Dim, D extends Dim>(x: T<[B, D]>): T<[B, D]> => zeros([dim(x, 0), dim(x, 1)]),
  positions: <B extends Dim, D extends Dim>(x: T<[B, D]>): T<[B], "i32"> => Tensor.iota([dim(x, 0)], 0),
  counted: <B extends Dim, D extends Dim>(x: T<[B, D]>): T<[B], "i32"> => Tensor.arange(dim(x, 0)),
  eye: <D extends Dim>(x: T<[D]>): T<[D, D]> => Tensor.eye(dim(x, 0)),
  noise: <B extends Dim, D extends Dim>(x: T<[B, D]>): T<[B, D]> =>
    Random.normal(Random.key(1), [dim(x, 0), dim(x, -1)]),
  noiseLike: <B extends Dim, D extends Dim>(x: T<[B, D]>): T<[B, D]> => Random.normalLike(Random.key(1), x),
  ids: <B extends Dim, D extends Dim>(x: T<[B, D], "i32">): T<[B, D], "i32"> => Tensor.zerosLike(x),
  uniform: <B extends Dim>(batch: Axis<B>): T<[B, 3]> => Random.uniform(Random.key(1), [batch, 3]),
  repeated: <B extends Dim, D extends Dim>(x: T<[B, D]>, y: T<[D]>): T<[B, D]> =>
    Tensor.broadcastTo(y, [dim(x, 0), dim(x, -1)]),
  apart: <B extends Dim, N extends Dim>(x: T<[B, N, 64]>): T<[B, N, 8, 8]> => reshape(x, [dim(x, 0), dim(x, 1), 8, 8]),
  together: <B extends Dim, N extends Dim>(x: T<[B, N, 8, 8]>): T<[B, N, 64]> => reshape(x, [dim(x, 0), dim(x, 1), 64]),
  open: <B extends Dim, N extends Dim>(x: T<[B, N, 8, 8]>): T<[B, N, 64]> => reshape(x, [dim(x, 0), dim(x, 1), -1]),
  merged: <B extends Dim, N extends Dim>(x: T<[B, N, "h", "d"]>, h: Axis<"h">, d: Axis<"d">): T<[B, N, "h*d"]> =>
    reshape(x, [dim(x, 0), dim(x, 1), merge(h, d)])
}

export const named = {
  split: <B extends Dim, N extends Dim>(x: T<[B, N, "heads*head"]>): T<[B, N, "heads", "head"]> =>
    Tensor.splitLast(x, ["heads", "head"]),
  splitGiven: <B extends Dim>(x: T<[B, "heads*head"]>, heads: Axis<"heads">): T<[B, "heads", "head"]> =>
    Tensor.splitLast(x, [heads, "head"]),
  splitAny: <B extends Shape>(x: T<[...B, "heads*head"]>): T<[...B, "heads", "head"]> =>
    Tensor.splitLast(x, ["heads", "head"]),
  merge: <B extends Dim, N extends Dim>(x: T<[B, N, "heads", "head"]>): T<[B, N, "heads*head"]> => Tensor.mergeLast(x),
  mergeAny: <B extends Shape>(x: T<[...B, "heads", "head"]>): T<[...B, "heads*head"]> => Tensor.mergeLast(x),
  piped: <B extends Dim>(x: T<[B, "heads*head"]>): T<[B, "heads*head"]> =>
    x.pipe(Tensor.splitLast(["heads", "head"]), Tensor.mergeLast),
  concat: <B extends Dim>(
    q: T<[B, "question", 8]>,
    l: T<[B, "latents", 8]>,
    t: T<[B, "tail", 8]>
  ): T<[B, "question+latents+tail", 8]> => concat([q, l, t], 1),
  part: <B extends Dim>(x: T<[B, "question+latents+tail", 8]>): T<[B, "latents", 8]> => slice(x, 1, "latents"),
  parts: <B extends Dim>(x: T<[B, "question+latents+tail", 8]>): T<[B, "question+latents", 8]> =>
    slice(x, -2, "question+latents"),
  whole: <B extends Dim>(x: T<[B, "latents"]>): T<[B, "latents"]> => slice(x, 1, "latents"),
  narrow: <B extends Dim, N extends Dim, M extends Dim>(x: T<[B, N, 8]>, y: T<[B, M]>): T<[B, M, 8]> =>
    Tensor.narrow(x, 1, 0, dim(y, 1)),
  padTo: <B extends Dim, N extends Dim>(x: T<[B, N, 8]>, slots: Axis<"slots">): T<[B, "slots", 8]> =>
    Tensor.padTo(x, 1, slots),
  stack: <B extends Dim>(list: ReadonlyArray<T<[B, "width"]>>): T<[B, "latents", "width"]> =>
    Tensor.stack(list, 1, "latents"),
  stackTwo: <B extends Dim>(x: T<[B]>): T<["pair", B]> => Tensor.stack([x, x], 0, "pair")
}

export const placed = {
  put: <B extends Dim, N extends Dim>(
    cache: T<[B, "heads", "slots", N]>,
    fresh: T<[B, "heads", 1, N]>
  ): T<[B, "heads", "slots", N]> => Tensor.put(cache, { axis: 2, at: 3 }, fresh),
  putLater: <B extends Dim, N extends Dim, M extends Dim>(
    x: T<[B, N, 8]>,
    at: T<[], "i32">,
    y: T<[B, M, 8]>
  ): T<[B, N, 8]> => Tensor.put(x, { axis: -2, at }, y),
  piped: <B extends Dim, N extends Dim>(x: T<[B, N]>, at: T<[], "i32">, y: T<[B, 1]>): T<[B, N]> =>
    x.pipe(Tensor.put({ axis: 1, at }, y)),
  narrow: <B extends Dim, N extends Dim>(x: T<[B, N, 8]>, at: T<[], "i32">): T<[B, 1, 8]> => Tensor.narrow(x, 1, at, 1)
}

export const elementwise = {
  row: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>, y: T<[16]>): T<[B, N, 16]> => add(x, y),
  one: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>, y: T<[B, 1, 16]>): T<[B, N, 16]> => add(x, y),
  lastOne: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>, y: T<[B, N, 1]>): T<[B, N, 16]> => add(x, y),
  otherOne: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, 1, D]>, y: T<[N, D]>): T<[B, N, D]> => add(x, y),
  expanded: <B extends Dim, N extends Dim>(x: T<[B, N]>, y: T<[B, N, 16]>): T<[B, N, 16]> =>
    Tensor.mul(expandDims(x, 2), y),
  lower: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>, y: T<[N, D]>): T<[B, N, D]> => add(x, y),
  pairs: <B extends Dim, N extends Dim>(x: T<[B, N]>): T<[B, N, N], "bool"> =>
    Tensor.eq(expandDims(x, 2), expandDims(x, 1)),
  chosen: <B extends Dim, N extends Dim>(m: T<[B, N], "bool">, x: T<[B, N, 16]>, y: T<[16]>): T<[B, N, 16]> =>
    Tensor.where(expandDims(m, -1), x, y),
  masked: <B extends Dim, N extends Dim>(m: T<[B, N], "bool">, x: T<[B, N, 16]>): T<[B, N, 16]> =>
    Tensor.where(expandDims(m, -1), x, 0)
}

export const reductions = {
  one: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, 16]> => sum(x, 1),
  kept: <B extends Dim, N extends Dim>(x: T<[B, N, 16]>): T<[B, N, 1]> => Tensor.mean(x, -1, { keepDims: true }),
  two: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>): T<[B]> => sum(x, [1, 2]),
  middle: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>): T<[B, 1, D]> =>
    Tensor.max(x, 1, { keepDims: true }),
  best: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>): T<[B, N], "i32"> => Tensor.argmax(x, -1),
  running: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>): T<[B, N, D]> => Tensor.cumsum(x, 1),
  softmax: <B extends Dim, N extends Dim, D extends Dim>(x: T<[B, N, D]>): T<[B, N, D]> => Tensor.softmax(x, 1),
  lastSoftmax: <B extends Shape, D extends Dim>(x: T<[...B, D]>): T<[...B, D]> => Tensor.softmax(x),
  last: <B extends Shape, D extends Dim>(x: T<[...B, D]>): T<B> => sum(x, -1),
  lastKept: <B extends Shape>(x: T<[...B, "width"]>): T<[...B, 1]> => Tensor.mean(x, -1, { keepDims: true }),
  lastBest: <B extends Shape>(x: T<[...B, "width"]>): T<B, "i32"> => Tensor.argmax(x, -1),
  all: <B extends Shape>(x: T<B>): T<[]> => sum(x)
}

export const moved = {
  heads: <B extends Dim, N extends Dim>(x: T<[B, N, "heads", "head"]>): T<[B, "heads", N, "head"]> =>
    Tensor.permute(x, [0, 2, 1, 3]),
  swapped: <B extends Dim, N extends Dim>(x: T<[B, N, 4]>): T<[N, B, 4]> => Tensor.swapAxes(x, 0, 1),
  expanded: <B extends Dim, N extends Dim>(x: T<[B, N]>): T<[B, 1, N]> => expandDims(x, 1),
  squeezed: <B extends Dim, N extends Dim>(x: T<[B, 1, N]>): T<[B, N]> => Tensor.squeeze(x, 1),
  transposed: <B extends Dim, N extends Dim>(x: T<[B, N]>): T<[N, B]> => Tensor.transpose(x),
  flipped: <B extends Dim, N extends Dim>(x: T<[B, N]>): T<[B, N]> => Tensor.flip(x, 1)
}

export const layers = {
  norm: <B extends Dim, N extends Dim>(x: T<[B, N, "width"]>, w: T<["width"]>): T<[B, N, "width"]> =>
    Tensor.rmsNorm(x, w),
  attention: <B extends Dim, N extends Dim, S extends Dim>(
    q: T<[B, "heads", N, "head"]>,
    k: T<[B, "kvHeads", S, "head"]>
  ): T<[B, "heads", N, "head"]> => Tensor.attention(q, k, k),
  visible: <B extends Dim, N extends Dim, S extends Dim>(
    q: T<[B, "heads", N, "head"]>,
    k: T<[B, "kvHeads", S, "head"]>,
    visible: T<[B, N, S], "bool">
  ): T<[B, "heads", N, "head"]> => Tensor.attention(q, k, k, { visible }),
  rope: <B extends Dim, N extends Dim>(x: T<[B, "heads", N, "head"]>, p: T<[N], "i32">): T<[B, "heads", N, "head"]> =>
    Tensor.rope(x, p),
  ropeByRow: <B extends Dim, N extends Dim>(
    x: T<[B, "heads", N, "head"]>,
    p: T<[B, N], "i32">
  ): T<[B, "heads", N, "head"]> => Tensor.rope(x, p),
  ropeByHead: <B extends Dim, N extends Dim>(
    x: T<[B, "heads", N, "head"]>,
    p: T<[B, 1, N], "i32">
  ): T<[B, "heads", N, "head"]> => Tensor.rope(x, p),
  ropeAny: <B extends Shape, N extends Dim, D extends Dim>(x: T<[...B, N, D]>, p: T<[N], "i32">): T<[...B, N, D]> =>
    Tensor.rope(x, p),
  crossEntropy: <B extends Dim, N extends Dim>(x: T<[B, N, "vocabulary"]>, y: T<[B, N], "i32">): T<[]> =>
    Tensor.crossEntropy(x, y),
  masked: <B extends Dim, N extends Dim>(
    x: T<[B, N, "vocabulary"]>,
    y: T<[B, N], "i32">,
    mask: T<[B, N], "bool">
  ): T<[]> => Tensor.crossEntropy(x, y, { mask }),
  maskedRows: <B extends Dim, N extends Dim>(
    x: T<[B, N, "vocabulary"]>,
    y: T<[B, N], "i32">,
    mask: T<[B, 1], "bool">
  ): T<[]> => Tensor.crossEntropy(x, y, { mask, labelSmoothing: 0.1 }),
  labels: <B extends Dim, N extends Dim>(x: T<[B, N, "vocabulary"]>, y: T<[B, N], "i32">): T<[B, N]> =>
    Tensor.labelLogProbs(x, y)
}
