/**
 * Wrong programs, one to a line. The compiler says of each what the run time says of it: `messages.test.ts` compares.
 */
import { merge, named, Random, Same, Tensor } from "@noema/tensor"

const { add, concat, dense, einsum, matmul, ones, permute, reshape, slice, sum, take, zeros } = Tensor
const [batch, t, h, d] = [named("batch", 32), named("t", 7), named("h", 12), named("d", 64)]
/** True, which the compiler does not know: one bad member of a union is enough. */
const odd = Boolean(1)
const rows = zeros([1, 2, 3, 4])
const tokens = zeros([batch, t], "i32")

/** The compiler names the sentence as the type of the parameter. */
export const computed: ReadonlyArray<() => unknown> = [
  () => add(zeros([2, 3]), zeros([4])),
  () => add(zeros([batch, 3]), zeros([d, 1])),
  () => add(zeros([2, 3]), zeros([3], "i32")),
  () => add(zeros([2, 3], "bool"), 1),
  () => Tensor.mul(zeros([8, 1, 6]), zeros([7, 5, 6, 1, 2])),
  () => Tensor.lt(zeros([batch]), zeros([t])),
  () => Tensor.and(zeros([2], "bool"), zeros([3], "bool")),
  () => Tensor.pow(ones([2], "i32"), 2),
  () => Tensor.where(zeros([3], "bool"), zeros([4]), 0),
  () => Tensor.where(zeros([3], "bool"), zeros([3]), zeros([3], "i32")),
  () => matmul(zeros([2, 3]), zeros([4, 5])),
  () => matmul(zeros([7, 2, 3]), zeros([6, 3, 5])),
  () => matmul(zeros([3]), zeros([3, 5])),
  () => matmul(zeros([batch, d]), zeros([h, d])),
  () => dense(zeros([batch, d]), zeros([batch, 5])),
  () => dense(zeros([4]), zeros([3, 5])),
  () => Tensor.crossEntropy(zeros([batch, t, 9]), tokens, { mask: ones([batch, d], "bool") }),
  () => Tensor.crossEntropy(zeros([batch, 9]), zeros([batch], "i32"), { mask: ones([1, batch], "bool") }),
  () => add(zeros([2, 3]), odd ? zeros([4]) : zeros([3])),
  () => add(odd ? zeros([2, 3]) : zeros([2, 4]), zeros([4])),
  () => reshape(zeros([2, 3]), [4, 2]),
  () => reshape(zeros([batch, 12]), [batch, 3, 5]),
  () => reshape(zeros([batch, 12]), [d, 12]),
  () => reshape(zeros([batch, h, d]), [batch, merge(d, t)]),
  () => reshape(zeros([12]), [-1, -1]),
  () => Tensor.broadcastTo(zeros([3, 1]), [4, 5]),
  () => Tensor.broadcastTo(zeros([3]), [1]),
  () => sum(zeros([2, 3]), 2),
  () => sum(zeros([2, 3]), [0, -2]),
  () => Tensor.argmax(zeros([2, 3]), -3),
  () => Tensor.softmax(zeros([batch, 3]), 2),
  () => Tensor.cumsum(zeros([]), 0),
  () => permute(zeros([2, 3]), [0, 2]),
  () => permute(zeros([2, 3]), [0, 0]),
  () => permute(zeros([2, 3]), [0]),
  () => Tensor.swapAxes(zeros([2, 3]), 0, 2),
  () => Tensor.expandDims(zeros([2, 3]), 3),
  () => Tensor.squeeze(zeros([2, 3]), 1),
  () => concat([zeros([2, 3]), zeros([4, 3])], 1),
  () => concat([zeros([2, 3]), zeros([batch, 2])], 1),
  () => Tensor.stack([zeros([2, 3]), zeros([2, 4])], 0),
  () => slice(zeros([5]), 0, [2, 6]),
  () => slice(zeros([5]), 0, [4, 2]),
  () => slice(zeros([5]), 0, [-6]),
  () => Tensor.at(zeros([5, 2]), 0, 5),
  () => Tensor.at(zeros([5, 2]), 1, -3),
  () => Tensor.split(zeros([5]), 0, [2, 2]),
  () => Tensor.pad(zeros([5, 2]), [[1, 1]]),
  () => Tensor.splitLast(zeros([batch, merge(h, d)]), ["h", "t"]),
  () => slice(concat([zeros([batch]), zeros([t])], 0), 0, "h"),
  () => Tensor.narrow(zeros([5]), 0, 3, 3),
  () => Tensor.put(zeros([2, 5]), { axis: 1, at: 3 }, zeros([2, 3])),
  () => Tensor.put(zeros([batch, t, 3]), { axis: 1, at: 0 }, zeros([d, t, 3])),
  () => Tensor.put(zeros([2, 5]), { axis: 2, at: 0 }, zeros([2, 5])),
  () => Tensor.padTo(zeros([5]), 0, 3),
  () => take(zeros([5, 2]), tokens, 2),
  () => Tensor.takeAlong(zeros([5, 2]), zeros([4, 2], "i32"), 1),
  () => Tensor.rope(zeros([batch, h, t, d]), zeros([t, batch], "i32")),
  () => Tensor.rope(zeros([batch, h, t, d]), Tensor.arange(h)),
  () => Tensor.scatterAdd(zeros([4], "i32"), zeros([3, 2]), 10),
  () => einsum("b i d, b j d -> b i j", zeros([2, 5, 8]), zeros([2, 7, 9])),
  () => einsum("b i d, b j d -> b k", zeros([2, 5, 8]), zeros([2, 7, 8])),
  () => einsum("b i, b j d -> b i j", zeros([2, 5, 8]), zeros([2, 7, 8])),
  () => einsum("ij,jk->ik", zeros([2, 3]), zeros([3, 4])),
  () => einsum("b i d e, b j d -> b i j", zeros([2, 5, 8]), zeros([2, 7, 8])),
  () => einsum("b i, b j", zeros([2, 5]), zeros([2, 5])),
  () => einsum("b i, b j -> i j", zeros([2, 5])),
  () => einsum("b i -> b", zeros([2, 5]), zeros([2, 5])),
  () => einsum("b i -> b b", zeros([2, 5]))
]

/** In a pipe the compiler names the function, and then says the sentence. */
export const piped: ReadonlyArray<() => unknown> = [
  () => zeros([2, 3]).pipe(matmul(zeros([4, 5]))),
  () => zeros([2, 3]).pipe(matmul(zeros([3, 5])), add(zeros([4]))),
  () => zeros([batch, 12]).pipe(reshape([batch, 5]))
]

/** The compiler compares shapes by itself, in its own words; the run time has a sentence. */
export const unified: ReadonlyArray<() => unknown> = [
  () => matmul(zeros([2, 3]), odd ? zeros([4, 5]) : zeros([3, 5])),
  () => dense(zeros([2, 3]), zeros([3, 5]), zeros([4])),
  () => Tensor.bmm(zeros([7, 2, 3]), zeros([7, 4, 5])),
  () => Same.add(zeros([2, 3]), zeros([3, 2])),
  () => Tensor.rmsNorm(zeros([batch, d]), ones([h])),
  () => Tensor.labelLogProbs(zeros([batch, t, 100]), zeros([t, batch], "i32")),
  () => Tensor.attention(zeros([1, 2, 3, 4]), zeros([1, 2, 5, 6]), zeros([1, 2, 5, 4])),
  () => Tensor.attention(rows, rows, rows, { visible: ones([1, 4, 3], "bool") }),
  () => Tensor.exp(zeros([2], "i32")),
  () => take(zeros([5, 2]), zeros([3])),
  () => Random.normal(zeros([3], "i32"), [2])
]
