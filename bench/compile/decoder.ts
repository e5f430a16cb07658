/**
 * What latent reasoning asks of a compiler: a small Llama-like decoder run position by position over a fixed-size
 * cache, unrolled into one graph. Ten positions of four layers are more than 5,000 operations.
 */
import { Program, Tensor } from "@noema/tensor"

export const steps = 10
const [batch, d, heads, perHead, ff, cache] = [16, 128, 4, 32, 352, 32] as const

const { spec } = Program

const layer = {
  norm1: spec([d]),
  q: spec([d, d]),
  k: spec([d, d]),
  v: spec([d, d]),
  o: spec([d, d]),
  norm2: spec([d]),
  gate: spec([d, ff]),
  up: spec([d, ff]),
  down: spec([ff, d]),
  keys: spec([batch, heads, cache, perHead]),
  values: spec([batch, heads, cache, perHead])
}

/** The first latent, the weights and the caches of each layer. */
export const specsFor = (layers: number) => ({
  latent: spec([batch, d]),
  layers: Array.from({ length: layers }, () => layer)
})

type Inputs = Program.TensorsOf<ReturnType<typeof specsFor>>
type Cache = Tensor.Tensor<[typeof batch, typeof heads, typeof cache, typeof perHead]>

/** The latent after the last step; the steps fill the end of the cache. */
export const decode = ({ latent, layers }: Inputs) => {
  const caches = layers.map(({ keys, values }) => ({ keys, values }))
  const split = (x: typeof latent) => Tensor.reshape(x, [batch, heads, 1, perHead])
  let x = latent
  for (let position = cache - steps; position < cache; position++) {
    const positions = Tensor.arange(cache)
    const past = Tensor.le(positions, position)
    const here = Tensor.reshape(Tensor.eq(positions, position), [cache, 1])
    const turn = (row: ReturnType<typeof split>) => Tensor.rope(row, Tensor.full([1], position, "i32"))
    const put = (row: ReturnType<typeof split>, into: Cache): Cache => Tensor.where(here, row, into)
    layers.forEach((layer, at) => {
      const normed = Tensor.rmsNorm(x, layer.norm1)
      const { keys, values } = (caches[at] = {
        keys: put(turn(split(Tensor.dense(normed, layer.k))), caches[at]!.keys),
        values: put(split(Tensor.dense(normed, layer.v)), caches[at]!.values)
      })
      const mixed = Tensor.attention(turn(split(Tensor.dense(normed, layer.q))), keys, values, { mask: past })
      x = Tensor.add(x, Tensor.dense(Tensor.reshape(mixed, [batch, d]), layer.o))
      const inner = Tensor.rmsNorm(x, layer.norm2)
      const gated = Tensor.mul(Tensor.silu(Tensor.dense(inner, layer.gate)), Tensor.dense(inner, layer.up))
      x = Tensor.add(x, Tensor.dense(gated, layer.down))
    })
  }
  return x
}
