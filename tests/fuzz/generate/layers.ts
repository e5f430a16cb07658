/** What neural networks are made of: softmax, norms, attention, losses. */
import type { Argument } from "../program/program.ts"
import type { Dice } from "../dice.ts"
import { at, axisOf, broadcasts, dimOf, type Known, type Maker, type Pool } from "./pool.ts"

const ranked = ({ sizes }: Known): boolean => sizes.length > 0

/** A weight for the last axis: a value that fits, or ones. */
const weightFor = (pool: Pool, x: Known, dice: Dice): Known | null => {
  const last = x.sizes.length - 1
  const fits = (known: Known) => known.sizes.length === 1 && known.tensor.shape[0] === x.tensor.shape[last]
  return (dice.chance(0.8) ? pool.real(fits) : null) ?? pool.call("Tensor.full", [dimOf(x, last)], dice.pick([1, 0.5]))
}

/** Functions that follow a view: what a row is made of decides how its kernels are. */
const padded = (pool: Pool, x: Known, dice: Dice): Known | null => {
  if (!dice.chance(0.25)) return x
  const paddings = x.sizes.map((_, axis) => (axis === x.sizes.length - 1 ? [dice.below(3), dice.below(3)] : [0, 0]))
  return dice.chance(0.5)
    ? pool.call("Tensor.pad", at(x), paddings)
    : pool.call("Tensor.concat", [at(x), at(x)], x.sizes.length - 1)
}

const softmax: Maker = {
  weight: 3,
  make: (pool, dice) => {
    const given = pool.real(ranked)
    const x = given === null ? null : padded(pool, given, dice)
    if (x !== null) pool.call(`Tensor.${dice.pick(["softmax", "logSoftmax"])}`, at(x), axisOf(x, dice))
  }
}

const maskedSoftmax: Maker = {
  weight: 4,
  make: (pool, dice) => {
    const given = pool.real(ranked)
    const x = given === null ? null : padded(pool, given, dice)
    const fits = (mask: Known) => x !== null && mask.sizes.length <= x.sizes.length && broadcasts(mask, x)
    const mask = pool.mask(fits)
    if (x !== null && mask !== null) pool.call("Tensor.maskedSoftmax", at(x), at(mask))
  }
}

const norms: Maker = {
  weight: 3,
  make: (pool, dice) => {
    const x = pool.real(ranked)
    const weight = x === null ? null : weightFor(pool, x, dice)
    if (x === null || weight === null) return
    if (dice.chance(0.5)) pool.call("Tensor.rmsNorm", at(x), at(weight), ...(dice.chance(0.5) ? [] : [0.01]))
    else pool.call("Tensor.layerNorm", at(x), at(weight), at(weight), ...(dice.chance(0.5) ? [] : [0.01]))
  }
}

const attention: Maker = {
  weight: 3,
  make: (pool, dice) => {
    const q = pool.real(({ sizes }) => sizes.length >= 3)
    if (q === null) return
    const lead = (known: Known) => String(known.tensor.shape.slice(0, -3))
    const k =
      pool.real(
        (known) =>
          known.sizes.length === q.sizes.length &&
          lead(known) === lead(q) &&
          known.tensor.shape.at(-1) === q.tensor.shape.at(-1)
      ) ?? q
    const v =
      pool.real(
        (known) =>
          known.sizes.length === k.sizes.length &&
          String(known.tensor.shape.slice(0, -1)) === String(k.tensor.shape.slice(0, -1))
      ) ?? k
    const scores = [...q.tensor.shape.slice(0, -1), k.tensor.shape.at(-2)!]
    const mask = pool.mask(({ tensor: { shape } }) =>
      shape.length <= scores.length
        ? shape.every((dim, i) => dim === scores.slice(-shape.length)[i] || dim === 1)
        : false
    )
    const rows = String([...q.tensor.shape.slice(0, -3), q.tensor.shape.at(-2), k.tensor.shape.at(-2)])
    const visible = pool.mask(({ tensor: { shape } }) => String(shape) === rows)
    const options: Record<string, Argument> = {
      ...(dice.chance(0.5) ? { causal: true } : {}),
      ...(visible !== null && dice.chance(0.5) ? { visible: at(visible) } : {}),
      ...(mask !== null && dice.chance(0.5) ? { mask: at(mask) } : {}),
      ...(dice.chance(0.3) ? { scale: 0.5 } : {})
    }
    pool.call("Tensor.attention", at(q), at(k), at(v), ...(Object.keys(options).length === 0 ? [] : [options]))
  }
}

const rope: Maker = {
  weight: 1,
  make: (pool, dice) => {
    const x = pool.real(({ sizes }) => sizes.length >= 2 && sizes.at(-1)! % 2 === 0)
    if (x === null) return
    const index = pool.call("Tensor.iota", [dimOf(x, x.sizes.length - 2)], 0)
    if (index !== null) pool.call("Tensor.rope", at(x), at(index), ...(dice.chance(0.5) ? [] : [{ base: 100 }]))
  }
}

const losses: Maker = {
  weight: 2,
  make: (pool, dice) => {
    const logits = pool.real(ranked)
    if (logits === null) return
    const rows = String(logits.tensor.shape.slice(0, -1))
    const rank = logits.sizes.length - 1
    const labels =
      pool.whole((known) => known.sizes.length === rank && String(known.tensor.shape) === rows) ??
      pool.call("Tensor.argmax", at(logits), -1)
    if (labels === null) return
    if (dice.chance(0.4)) {
      pool.call("Tensor.labelLogProbs", at(logits), at(labels))
      return
    }
    const mask = pool.mask((known) => known.sizes.length <= rank && broadcasts(known, labels))
    const options: Record<string, Argument> = {
      ...(mask !== null && dice.chance(0.5) ? { mask: at(mask) } : {}),
      ...(dice.chance(0.4) ? { labelSmoothing: 0.1 } : {})
    }
    pool.call("Tensor.crossEntropy", at(logits), at(labels), ...(Object.keys(options).length === 0 ? [] : [options]))
  }
}

export const layers: ReadonlyArray<Maker> = [softmax, maskedSoftmax, norms, attention, rope, losses]
