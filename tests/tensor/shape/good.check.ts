/**
 * Programs whose types must hold; the compiler checks this file with the tests.
 */
import { type Axis, type Dim, Last, merge, named, Random, Same, type Shape, Tensor } from "@noema/tensor"

type T<S extends Shape, D extends Tensor.DType = "f32"> = Tensor.Tensor<S, D>
type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false
/** Exactly this shape and dtype, where `satisfies` would take a more precise one. */
const is = <Expected extends Tensor.AnyTensor>() => {
  return <Actual extends Tensor.AnyTensor>(actual: Actual & (Equal<Actual, Expected> extends true ? unknown : never)) =>
    actual
}

const { add, matmul, reshape, sum, zeros } = Tensor
const [batch, h, d, t] = [named("batch", 32), named("h", 12), named("d", 64), named("t", 128)]
const x = zeros([batch, t, 768])
const w = zeros([768, 3072])
const ids = zeros([batch, t], "i32")

export const broadcasting = () => {
  is<T<[2, 3]>>()(add(zeros([2, 3]), zeros([3])))
  is<T<[8, 7, 6, 5]>>()(add(zeros([8, 1, 6, 1]), zeros([7, 1, 5])))
  is<T<["batch", "t", 768]>>()(add(x, zeros([1, 768])))
  is<T<["batch", "t", 768]>>()(Tensor.sub(1, x))
  is<T<[]>>()(add(1, 2))
  is<T<[3], "i32">>()(add(Tensor.arange(3), 1))
  is<T<[3], "bool">>()(Tensor.lt(Tensor.arange(3), 1))
  is<T<[2, 3]>>()(Tensor.where(zeros([2, 1], "bool"), zeros([3]), 0))
  is<T<["batch", 4]>>()(Tensor.broadcastTo(zeros([4]), [batch, 4]))
}

export const products = () => {
  is<T<["batch", "t", 3072]>>()(matmul(x, w))
  is<T<[5, 4, 2, 7]>>()(matmul(zeros([5, 1, 2, 3]), zeros([4, 3, 7])))
  is<T<["batch", "t", 3072]>>()(Tensor.dense(x, w, zeros([3072])))
  is<T<["batch", "h", "t", "t"]>>()(Tensor.bmm(zeros([batch, h, t, d]), zeros([batch, h, d, t])))
  is<T<[2, 5, 7]>>()(Tensor.einsum("b i d, b j d -> b i j", zeros([2, 5, 8]), zeros([2, 7, 8])))
  is<T<["batch", "t", "t"]>>()(Tensor.einsum("b i d, b j d -> b i j", zeros([batch, t, d]), zeros([batch, t, d])))
  is<T<[4]>>()(Tensor.einsum("i i -> i", zeros([4, 4])))
  is<T<[]>>()(Tensor.einsum("i -> ", zeros([4])))
  is<T<[4, 7]>>()(Tensor.einsum("i j, j k, k l -> i l", zeros([4, 5]), zeros([5, 6]), zeros([6, 7])))
}

export const reshaping = () => {
  is<T<[2, 384, 1024, 3]>>()(reshape(zeros([768, 3072]), [2, 384, 1024, 3]))
  is<T<["batch", "t", 12, 64]>>()(reshape(x, [batch, t, 12, 64]))
  is<T<["t", 768, "batch"]>>()(reshape(x, [t, 768, batch]))
  const merged = reshape(zeros([batch, t, h, d]), [batch, t, merge(h, d)])
  is<T<["batch", "t", "h*d"]>>()(merged)
  is<T<["batch", "t", "d", "h"]>>()(reshape(merged, [batch, t, d, h]))
  is<T<["batch", "t*h*d"]>>()(reshape(zeros([batch, t, h, d]), [batch, -1]))
  is<T<[20]>>()(reshape(zeros([4, 5]), [-1]))
  is<T<[number]>>()(reshape(x, [-1]))
  is<T<[0, 12]>>()(reshape(zeros([0, 12]), [0, -1]))
  is<T<[5, 0]>>()(reshape(zeros([0, 3]), [5, 0]))
  is<T<["batch", 3, 4]>>()(reshape(zeros([batch, 12]), [Tensor.dim(zeros([batch, 12]), 0), 3, 4]))
}

export const moving = () => {
  is<T<[4, 2, 3]>>()(Tensor.permute(zeros([2, 3, 4]), [2, 0, 1]))
  is<T<[4, 2, 3]>>()(Tensor.permute(zeros([2, 3, 4]), [-1, 0, 1]))
  is<T<["batch", 768, "t"]>>()(Tensor.transpose(x))
  is<T<[768, "t", "batch"]>>()(Tensor.swapAxes(x, 0, -1))
  is<T<[1, "batch", "t", 768]>>()(Tensor.expandDims(x, 0))
  is<T<["batch", "t", 768, 1]>>()(Tensor.expandDims(x, -1))
  is<T<[2, 3]>>()(Tensor.squeeze(zeros([2, 1, 3]), -2))
  is<T<[2, 1000]>>()(Tensor.concat([zeros([2, 999]), zeros([2, 1])], 1))
  is<T<["batch", number]>>()(Tensor.concat([zeros([batch, t]), zeros([batch, 1])], 1))
  is<T<["batch", "t+h*d+t"]>>()(Tensor.concat([zeros([batch, t]), zeros([batch, merge(h, d)]), zeros([batch, t])], 1))
  is<T<["batch", 3, "t"], "i32">>()(Tensor.stack([ids, ids, ids], 1))
  is<T<["batch", 3]>>()(Tensor.slice(zeros([batch, 9]), 1, [-3]))
  is<T<["batch", 5]>>()(Tensor.slice(zeros([batch, 9]), 1, [2, -2]))
  is<T<["batch", number]>>()(Tensor.slice(zeros([batch, t]), 1, [1]))
  is<T<["batch", 768]>>()(Tensor.at(x, 1, -1))
  is<T<["batch", 12, "t"]>>()(
    Tensor.pad(zeros([batch, 9, t]), [
      [0, 0],
      [1, 2],
      [0, 0]
    ])
  )
  const [left, right] = Tensor.split(zeros([batch, 9]), 1, [4, 5])
  is<T<["batch", 4]>>()(left)
  is<T<["batch", 5]>>()(right)
}

export const naming = () => {
  const joined = Tensor.concat([zeros([batch, h]), zeros([batch, d])], 1)
  is<T<["batch", "d"]>>()(Tensor.slice(joined, 1, "d"))
  is<T<["batch", "h", "d"]>>()(Tensor.splitLast(zeros([batch, merge(h, d)]), ["h", "d"]))
  is<T<["batch", "h", "d"]>>()(Tensor.splitLast(zeros([batch, merge(h, d)]), [h, d]))
  is<T<["batch", "h*d", "t"]>>()(Tensor.splitLast(zeros([batch, merge(h, d, t)]), ["h*d", "t"]))
  is<T<["batch", "h*d"]>>()(Tensor.mergeLast(zeros([batch, h, d])))
  is<T<["batch", 12]>>()(Tensor.mergeLast(zeros([batch, 3, 4])))
  is<T<["batch", number]>>()(Tensor.mergeLast(zeros([batch, 3, d])))
  is<T<["batch", number]>>()(Tensor.mergeLast(zeros([batch, t, Tensor.dim(joined, 1)])))
  is<T<["batch", 4]>>()(Tensor.narrow(zeros([batch, 9]), 1, 2, 4))
  is<T<["batch", "t"]>>()(Tensor.narrow(zeros([batch, 9]), 1, 2, t))
  is<T<["batch", "t"]>>()(Tensor.padTo(zeros([batch, 9]), 1, t))
  is<T<["latents", 3], "i32">>()(Tensor.stack([zeros([3], "i32"), zeros([3], "i32")], 0, "latents"))
  is<T<[2, 3], "i32">>()(Tensor.stack([zeros([3], "i32"), zeros([3], "i32")], 0))
}

export const reducing = () => {
  is<T<["batch", 768]>>()(sum(x, 1))
  is<T<["t"]>>()(sum(x, [0, -1]))
  is<T<[1, "t", 1]>>()(sum(x, [0, -1], { keepDims: true }))
  is<T<[]>>()(sum(x))
  is<T<["batch", "t"], "i32">>()(Tensor.argmax(x, -1))
  is<T<["batch", "t", 768]>>()(Tensor.softmax(x))
  is<T<["batch", "t", 3]>>()(Tensor.topK(x, 3).values)
  is<T<["batch", "t"]>>()(Last.sum(x))
}

export const indexing = () => {
  is<T<["batch", "t", 768]>>()(Tensor.take(zeros([100, 768]), ids))
  is<T<["batch", 2, 768]>>()(Tensor.take(x, zeros([2], "i32"), 1))
  is<T<["batch", "t", 3]>>()(Tensor.takeAlong(x, zeros([batch, t, 3], "i32"), 2))
  is<T<[100, 768]>>()(Tensor.scatterAdd(ids, x, 100))
  is<T<["batch", "t", 10]>>()(Tensor.oneHot(ids, 10))
  is<T<["batch", "t"]>>()(Tensor.labelLogProbs(x, ids))
  is<T<[]>>()(Tensor.crossEntropy(x, ids))
  is<T<["batch", "t"], "i32">>()(Random.categorical(Random.key(1), x))
  is<T<[2, "batch"], "bool">>()(Random.bernoulli(Random.key(1), 0.5, [2, batch]))
}

export const piping = () => {
  is<T<["batch", 3072]>>()(x.pipe(add(2), Tensor.exp, matmul(w), Tensor.softmax(0), sum(1)))
  is<T<["batch", 6, 2]>>()(zeros([batch, 12]).pipe(reshape([batch, 2, 6]), Tensor.permute([0, 2, 1])))
}

/** A layer is generic in everything it does not fix, and its body is checked once. */
const mlp =
  <I extends Dim, H extends Dim>(up: T<[I, H]>, down: T<[H, I]>, norm: T<[I]>) =>
  <B extends Shape>(x: T<[...B, I]>): T<[...B, I]> =>
    Same.add(x, Tensor.dense(Tensor.gelu(Tensor.dense(Tensor.rmsNorm(x, norm), up)), down))

const heads = <B extends Shape, H extends Dim, L extends Dim, K extends Dim>(
  q: T<[...B, H, L, K]>,
  k: T<[...B, H, L, K]>,
  positions: T<[L], "i32">
): T<[...B, H, L, K]> => Tensor.attention(Tensor.rope(q, positions), k, k, { causal: true })

const entropy = <B extends Shape>(logits: T<[...B, Dim]>): T<B> =>
  Last.sum(Same.mul(Tensor.softmax(logits), Tensor.neg(Tensor.logSoftmax(logits))))

/** Arithmetic does not have to know a shape to know that it stays. */
const arithmetic = {
  numbers: <S extends Shape>(x: T<S>): T<S> => Tensor.sub(1, Tensor.mul(x, 2)),
  itself: <S extends Shape>(x: T<S>): T<S> => add(Tensor.square(x), Tensor.mul(Tensor.tanh(Tensor.mul(x, 2)), x)),
  scalar: <S extends Shape>(x: T<S>, scale: T<[]>): T<S> => Tensor.mul(x, scale),
  chosen: <S extends Shape>(x: T<S>): T<S> => Tensor.where(Tensor.gt(x, 0), x, 0),
  piped: <S extends Shape>(x: T<S>): T<S> => x.pipe(Tensor.mul(2), add(x), Tensor.exp),
  lastAxes: <B extends Shape, I extends Dim>(x: T<[...B, I]>, bias: T<[I]>): T<[...B, I]> => add(x, bias),
  lastAxesFirst: <B extends Shape, I extends Dim>(x: T<[...B, I]>, bias: T<[I]>): T<[...B, I]> => Tensor.sub(bias, x),
  one: <B extends Dim, L extends Dim, I extends Dim>(x: T<[B, L, I]>, y: T<[B, 1, I]>): T<[B, L, I]> => add(x, y),
  centred: <B extends number>(x: T<[B, 64]>): T<[B, 64]> => Tensor.sub(x, Tensor.mean(x, 1, { keepDims: true })),
  linear: <B extends Dim, I extends Dim, O extends Dim>(x: T<[B, I]>, w: T<[I, O]>, b: T<[O]>): T<[B, O]> =>
    Tensor.relu(add(matmul(x, w), b)),
  pipedLinear: <B extends Dim>(x: T<[B, 64]>, w: T<[64, 10]>, b: T<[10]>): T<[B]> =>
    x.pipe(matmul(w), add(b), Tensor.softmax(1), Tensor.max(1)),
  product: <B extends Dim, I extends Dim, O extends Dim>(x: T<[B, I]>, w: T<[I, O]>): T<[B, O]> =>
    Tensor.einsum("b i, i o -> b o", x, w),
  beside: <B extends Dim>(x: T<[B, 64]>): T<[B, 128]> => Tensor.concat([x, x], 1)
}

/** And never claims what an argument may disprove. */
export const unclaimed = {
  // @ts-expect-error: the batches may differ
  batches: <B extends Dim, C extends Dim>(x: T<[B, 64]>, y: T<[C, 64]>): T<[B, 64]> => add(x, y),
  // @ts-expect-error: one may stretch to the other
  shapes: <S extends Shape, R extends Shape>(x: T<S>, y: T<R>): T<S> => add(x, y),
  // @ts-expect-error: 64 only if the parameter is 1 or 64
  literal: <B extends Dim>(x: T<[B]>): T<[64]> => add(x, zeros([64])),
  // @ts-expect-error: inner dimensions may differ
  inner: <I extends Dim>(x: T<[2, I]>, y: T<[64, 3]>): T<[2, 3]> => matmul(x, y)
}

export const layers = () => {
  is<T<["batch", "t", 768]>>()(arithmetic.lastAxes(x, zeros([768])))
  is<T<["batch", 10]>>()(arithmetic.linear(zeros([batch, 64]), zeros([64, 10]), zeros([10])))
  is<T<["batch", "t", 768]>>()(mlp(w, zeros([3072, 768]), zeros([768]))(x))
  is<T<["batch", "h", "t", "d"]>>()(heads(zeros([batch, h, t, d]), zeros([batch, h, t, d]), Tensor.arange(t)))
  is<T<["batch", "t"]>>()(entropy(x))
}

/** Nothing is claimed where nothing is known. */
export const unknown = (n: number, flip: boolean, unranked: T<Shape>, list: Array<T<[2, 3]>>, some: Axis) => {
  is<T<[number, number]>>()(matmul(zeros([n, 4]), zeros([4, n])))
  is<T<[2, 2, 2]>>()(reshape(zeros([n, 4]), [2, 2, 2]))
  is<T<Shape>>()(add(unranked, zeros([3])))
  is<T<Shape>>()(matmul(unranked, zeros([3, 4])))
  is<T<[number, 2]>>()(zeros([flip ? 3 : 4, 2]))
  is<T<Shape>>()(sum(zeros([2, 3]), flip ? 0 : 1))
  is<T<Shape>>()(sum(zeros([2, 3]), n))
  is<T<[number, 3]>>()(Tensor.concat(list, 0))
  is<T<[2, number, 3]>>()(Tensor.stack(list, 1))
  is<T<[string | number, 2]>>()(zeros([some, 2]))
  is<T<[string | number, 2]>>()(zeros([flip ? batch : t, 2]))
  is<T<[string | number, 2]>>()(zeros([flip ? batch : 2, 2]))
  is<T<[2, 3]> | T<[2, 4]>>()(add(zeros([2, 1]), flip ? zeros([3]) : zeros([4])))
  is<T<[number]>>()(Tensor.slice(zeros([9]), 0, [n, 4]))
  is<T<[number]>>()(Tensor.slice(zeros([9]), 0, [flip ? 1 : 2, 4]))
  is<T<[number]>>()(Tensor.pad(zeros([9]), [[flip ? 1 : 2, 0]]))
  is<T<[number]>>()(Tensor.topK(zeros([9]), flip ? 1 : 2).values)
  is<T<[2, 3]> | T<[3, 2]>>()(Tensor.permute(zeros([2, 3]), flip ? [0, 1] : [1, 0]))
}
