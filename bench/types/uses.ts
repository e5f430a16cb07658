/**
 * Uses of the tensor DSL, with sizes drawn at random, to measure what they cost the type checker.
 */

/** A small generator with a fixed seed: the same sources every time. */
const sizes = (seed: number): (() => number) => {
  const common = [2, 3, 4, 8, 12, 16, 32, 64, 128, 256, 512, 768, 1024, 3072]
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const pick = state >>> 8
    return pick % 4 === 0 ? 2 + (pick % 4999) : common[pick % common.length]!
  }
}

type Use = (a: number, b: number, c: number, d: number) => string

/** One expression for each operation, over sizes. Operands cost `zeros` each. */
export const uses: Readonly<Record<string, Use>> = {
  zeros: (a, b) => `Tensor.zeros([batch, ${a}, ${b}])`,
  exp: (a, b) => `Tensor.exp(Tensor.zeros([batch, ${a}, ${b}]))`,
  add: (a, b) => `Tensor.add(Tensor.zeros([batch, ${a}, ${b}]), Tensor.zeros([${b}]))`,
  "mul by a number": (a, b) => `Tensor.mul(Tensor.zeros([batch, ${a}, ${b}]), 2)`,
  matmul: (a, b) => `Tensor.matmul(Tensor.zeros([batch, t, ${a}]), Tensor.zeros([${a}, ${b}]))`,
  dense: (a, b) => `Tensor.dense(Tensor.zeros([batch, t, ${a}]), Tensor.zeros([${a}, ${b}]))`,
  sum: (a, b) => `Tensor.sum(Tensor.zeros([batch, ${a}, ${b}]), 1)`,
  softmax: (a, b) => `Tensor.softmax(Tensor.zeros([batch, ${a}, ${b}]))`,
  permute: (a, b, c) => `Tensor.permute(Tensor.zeros([batch, ${a}, ${b}, ${c}]), [0, 2, 1, 3])`,
  concat: (a, b, c) => `Tensor.concat([Tensor.zeros([${a}, ${b}]), Tensor.zeros([${a}, ${c}])], 1)`,
  slice: (a, b) => `Tensor.slice(Tensor.zeros([batch, ${a + b}]), 1, [${a}, ${a + 1}])`,
  take: (a, b, c) => `Tensor.take(Tensor.zeros([${a}, ${b}]), Tensor.zeros([batch, ${c}], "i32"))`,
  "einsum, 3 axes": (a, b, c) =>
    `Tensor.einsum("b i d, b j d -> b i j", Tensor.zeros([batch, ${a}, ${b}]), Tensor.zeros([batch, ${c}, ${b}]))`,
  "reshape, cancelling": (a, b) => `Tensor.reshape(Tensor.zeros([batch, t, ${a}, ${b}]), [t, ${b}, ${a}, batch])`,
  "reshape, multiplying": (a, b, c) => `Tensor.reshape(Tensor.zeros([batch, ${a}, ${b * c}]), [batch, ${a * b}, ${c}])`
}

/** A source with `count` uses of the named operations in turn; with none it measures the imports. */
export const source = (count: number, names: ReadonlyArray<string> = Object.keys(uses)): string => {
  const size = sizes(7)
  const lines = Array.from(
    { length: count },
    (_, i) => `export const v${i} = ${uses[names[i % names.length]!]!(size(), size(), size(), size())}`
  )
  return [
    `import { named, Tensor } from "@noema/tensor"`,
    `export const batch = named("batch", 32), t = named("t", 128), x = Tensor`,
    ...lines
  ].join("\n")
}
