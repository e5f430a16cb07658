/**
 * Names made of names: what is merged or joined comes apart again, by name, wherever the axis has been in between.
 */
import { grad } from "@noema/autodiff"
import { merge, named, Random, ShapeError, Tensor } from "@noema/tensor"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { flat } from "./evaluate.ts"

const size = fc.integer({ min: 0, max: 4 })
const numbers = (...sizes: ReadonlyArray<number>) => {
  const count = sizes.reduce((a, b) => a * b, 1)
  return Tensor.reshape(Tensor.cast(Tensor.arange(count), "f32"), [...sizes]) as Tensor.Tensor<any>
}
const equal = (a: Tensor.AnyTensor, b: Tensor.AnyTensor): void => {
  expect(a.sizes).toEqual(b.sizes)
  expect(flat(a)).toEqual(flat(b))
}
const said = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
  return "nothing"
}

describe("products", () => {
  it("come apart into what was merged, and together again", () =>
    fc.assert(
      fc.property(size, size, size, size, (b, h, g, d) => {
        const axes = [named("b", b), named("h", h), named("g", g), named("d", d)] as const
        const x = Tensor.reshape(numbers(b, h, g, d), axes)
        const two = Tensor.mergeLast(x)
        expect(two.shape).toEqual(["b", "h", "g*d"])
        const one = Tensor.mergeLast(two)
        expect(one.shape).toEqual(["b", "h*g*d"])
        equal(one, Tensor.reshape(x, [b, h * g * d]))
        expect(Tensor.splitLast(one, ["h", "g", "d"]).shape).toEqual(["b", "h", "g", "d"])
        equal(Tensor.splitLast(one, ["h", "g", "d"]), x)
        equal(Tensor.splitLast(one, ["h", "g*d"]), two)
        equal(Tensor.splitLast(one, ["h*g", "d"]), Tensor.reshape(x, [b, h * g, d]))
        equal(Tensor.splitLast(Tensor.splitLast(one, ["h", "g*d"]), ["g", "d"]), x)
        equal(Tensor.splitLast(Tensor.reshape(x, [axes[0], -1]), ["h", "g", "d"]), x)
      })
    ))

  const [h, d] = [named("h", 2), named("d", 3)]
  const x = Tensor.ones([4, merge(h, d)])
  const ways: Record<string, Tensor.Tensor<[4, "h*d"]>> = {
    arithmetic: Tensor.add(Tensor.mul(x, x), Tensor.ones([merge(h, d)])),
    "activations and comparisons": Tensor.where(Tensor.gt(Tensor.gelu(x), 0), Tensor.tanh(x), 0),
    "products of matrices": Tensor.dense(Tensor.ones([4, 5]), Tensor.ones([5, merge(h, d)])),
    matmul: Tensor.matmul(Tensor.ones([4, 5]), Tensor.ones([5, merge(h, d)])),
    einsum: Tensor.einsum("i k, k w -> i w", Tensor.ones([4, 5]), Tensor.ones([5, merge(h, d)])),
    moving: Tensor.transpose(Tensor.transpose(x)),
    ranges: Tensor.slice(Tensor.concat([x, x], 0), 0, [4]),
    norms: Tensor.rmsNorm(x, Tensor.ones([merge(h, d)])),
    softmax: Tensor.softmax(x),
    reductions: Tensor.sum(Tensor.expandDims(x, 0), 0),
    rows: Tensor.take(x, Tensor.arange(4)),
    embedding: Tensor.embed(Tensor.ones([9, merge(h, d)]), Tensor.arange(4)),
    "random draws": Random.normalLike(Random.key(1), Random.dropout(Random.key(2), x, 0.5)),
    creation: Tensor.zerosLike(Tensor.broadcastTo(Tensor.scalar(1), [4, Tensor.dim(x, 1)])),
    gradients: grad((y: typeof x) => {
      expect(Tensor.splitLast(y, ["h", "d"]).sizes).toEqual([4, 2, 3])
      return Tensor.sum(Tensor.square(y))
    })(x)
  }
  it.each(Object.entries(ways))("are known after %s", (_, y) => {
    expect(Tensor.splitLast(y, ["h", "d"]).shape).toEqual([4, "h", "d"])
    expect(Tensor.splitLast(y, ["h", "d"]).sizes).toEqual([4, 2, 3])
  })

  it("take a size that is not known from what is given, and say what is wrong", () => {
    const unknown = Tensor.zeros([4, named("h*d", 6)])
    expect(said(() => Tensor.splitLast(unknown, ["h", "d"]))).toBe(
      'splitLast: the size of h is not known here, say named("h", size)'
    )
    expect(Tensor.splitLast(unknown, [h, "d"]).sizes).toEqual([4, 2, 3])
    expect(Tensor.splitLast(unknown, ["h", d]).sizes).toEqual([4, 2, 3])
    expect(said(() => Tensor.splitLast(unknown, [named("h", 4), "d"]))).toBe("splitLast: h*d is 6, which is not 4 * ?")
    expect(said(() => Tensor.splitLast(unknown, [h, named("d", 4)]))).toBe("splitLast: h*d is 6, which is not 2 * 4")
    expect(said(() => Tensor.splitLast(x, [named("h", 3), "d"]))).toBe("splitLast: h is 3 and also 2")
    expect(said(() => Tensor.add(x, Tensor.ones([4, merge(named("h", 3), named("d", 2))])))).toBe(
      "add: h is 2 and also 3"
    )
  })
})

describe("sums", () => {
  it("give back by name what was joined", () =>
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 4 }), size, (lengths, width) => {
        const parts = lengths.map((n, i) =>
          Tensor.add(Tensor.reshape(numbers(n, width), [named(`part${i}`, n), width]), 100 * i)
        ) as ReadonlyArray<Tensor.Tensor<any>>
        const joined = Tensor.concat(parts, 0) as Tensor.Tensor<any>
        expect(joined.shape[0]).toBe(lengths.map((_, i) => `part${i}`).join("+"))
        parts.forEach((part, i) => equal(Tensor.slice(joined, 0, `part${i}`) as Tensor.Tensor, part))
        const last = parts.length - 1
        const tail = lengths.flatMap((_, i) => (i === 0 && last > 0 ? [] : [`part${i}`])).join("+")
        const rest = Tensor.slice(joined, 0, tail) as Tensor.Tensor<any>
        equal(rest, Tensor.concat(last > 0 ? parts.slice(1) : parts, 0) as Tensor.Tensor)
        equal(Tensor.slice(rest, 0, `part${last}`) as Tensor.Tensor, parts[last]!)
      })
    ))

  it("hold products, and are refused where a part is not known, missing or ambiguous", () => {
    const heads = merge(named("h", 2), named("d", 3))
    const both = Tensor.concat([Tensor.ones([heads]), Tensor.zeros([named("t", 4)])], 0)
    expect(both.shape).toEqual(["h*d+t"])
    expect(Tensor.splitLast(Tensor.slice(both, 0, "h*d"), ["h", "d"]).sizes).toEqual([2, 3])
    const untyped = Tensor.slice as (x: Tensor.AnyTensor, axis: number, name: string) => unknown
    expect(said(() => untyped(both, 0, "d"))).toBe("slice: d is no part of h*d+t")
    expect(said(() => untyped(Tensor.concat([both, both], 0), 0, "t"))).toBe(
      "slice: t is more than one part of h*d+t+h*d+t"
    )
    expect(said(() => untyped(Tensor.zeros([named("q+t", 7)]), 0, "t"))).toBe(
      'slice: the size of t is not known here, say named("t", size)'
    )
  })

  it("make no products of sums", () => {
    const sum = Tensor.concat([Tensor.ones([3, named("q", 2)]), Tensor.zeros([3, named("t", 4)])], 1)
    expect(Tensor.mergeLast(sum).shape).toEqual([18])
    expect(Tensor.reshape(sum, [-1]).shape).toEqual([18])
    expect(merge(Tensor.dim(sum, 1), named("d", 5)).dim).toBe(30)
  })
})

describe("lengths", () => {
  it("are cut and filled up to a size, whose name they take", () =>
    fc.assert(
      fc.property(size, size, size, size, (before, length, after, width) => {
        const x = numbers(before + length + after, width)
        const part = Tensor.narrow(x, 0, before, named("part", length))
        expect(part.shape).toEqual(["part", width])
        equal(part, Tensor.slice(x, 0, [before, before + length]) as Tensor.Tensor)
        if (length + after > 0) equal(part, Tensor.narrow(x, 0, -length - after, length) as Tensor.Tensor)
        const filled = Tensor.padTo(part, 0, named("slots", length + after), 7)
        expect(filled.shape).toEqual(["slots", width])
        equal(Tensor.narrow(filled, 0, 0, length), part)
        expect(new Set(flat(Tensor.narrow(filled, 0, length, after)))).toEqual(new Set(after * width > 0 ? [7] : []))
      })
    ))

  it("are those of a list that is stacked under a name", () => {
    const list = [1, 2, 3].map((value) => Tensor.full([2], value))
    const stacked = Tensor.stack(list, 0, "latents")
    expect(stacked.shape).toEqual(["latents", 2])
    expect(flat(stacked)).toEqual([1, 1, 2, 2, 3, 3])
    expect(said(() => Tensor.add(stacked, Tensor.ones([named("latents", 4), 2])))).toBe("add: latents is 3 and also 4")
  })
})
