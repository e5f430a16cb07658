/** Products: matrices, layers, sums of names. */
import type { Dice } from "../dice.ts"
import { at, axisOf, type Known, type Maker, type Pool } from "./pool.ts"

const dimAt = ({ tensor }: Known, axis: number) => tensor.shape.at(axis)

const rank = ({ sizes }: Known): number => sizes.length

const fittingMatrix = (pool: Pool, x: Known): Known | null =>
  pool.real((known) => rank(known) >= 2 && dimAt(known, -2) === dimAt(x, -1))

const matmul: Maker = {
  weight: 6,
  make: (pool) => {
    const x = pool.real((known) => rank(known) >= 2)
    if (x === null) return
    const y = fittingMatrix(pool, x)
    if (y !== null) pool.call("Tensor.matmul", at(x), at(y))
    else {
      const turned = pool.call("Tensor.transpose", at(x))
      if (turned !== null) pool.call("Tensor.matmul", at(x), at(turned))
    }
  }
}

const dense: Maker = {
  weight: 2,
  make: (pool, dice) => {
    const x = pool.real((known) => rank(known) >= 1)
    const w = x === null ? null : pool.real((known) => rank(known) === 2 && dimAt(known, 0) === dimAt(x, -1))
    if (x === null || w === null) return
    const bias = dice.chance(0.5) ? pool.real((known) => rank(known) === 1 && dimAt(known, 0) === dimAt(w, 1)) : null
    pool.call("Tensor.dense", at(x), at(w), ...(bias === null ? [] : [at(bias)]))
  }
}

const bmm: Maker = {
  weight: 1,
  make: (pool) => {
    const x = pool.real((known) => rank(known) >= 3)
    if (x === null) return
    const lead = String(x.tensor.shape.slice(0, -2))
    const y = pool.real(
      (known) =>
        rank(known) === rank(x) && String(known.tensor.shape.slice(0, -2)) === lead && dimAt(known, -2) === dimAt(x, -1)
    )
    if (y !== null) pool.call("Tensor.bmm", at(x), at(y))
  }
}

const words = ["p", "q", "r", "s", "t", "u", "v", "w"]

/** Two values, or one, with names that agree where their sizes do, and an output of some of the names. */
const einsum: Maker = {
  weight: 2,
  make: (pool, dice) => {
    const x = pool.real((known) => rank(known) >= 1 && rank(known) <= 3)
    if (x === null) return
    const y = dice.chance(0.75) ? pool.real((known) => rank(known) >= 1 && rank(known) <= 3) : null
    const names = new Map<string, string>()
    const spell = (known: Known, share: number, dice: Dice): ReadonlyArray<string> => {
      const used = new Set<string>()
      return known.tensor.shape.map((dim) => {
        const shared = [...names].filter(([name, of]) => of === String(dim) && !used.has(name)).map(([name]) => name)
        const name = shared.length > 0 && dice.chance(share) ? dice.pick(shared) : words[names.size]!
        names.set(name, String(dim))
        used.add(name)
        return name
      })
    }
    const terms = [spell(x, 0, dice), ...(y === null ? [] : [spell(y, 0.7, dice)])]
    const all = [...names.keys()]
    const output = dice.shuffled(dice.some(all, 0.6))
    const spec = `${terms.map((term) => term.join(" ")).join(", ")} -> ${output.join(" ")}`
    pool.call("Tensor.einsum", spec, at(x), ...(y === null ? [] : [at(y)]))
  }
}

const outer: Maker = {
  weight: 1,
  make: (pool, dice) => {
    const x = pool.real((known) => rank(known) >= 1)
    if (x === null) return
    const column = pool.call("Tensor.expandDims", at(x), axisOf(x, dice))
    if (column !== null) pool.call("Tensor.mul", at(column), at(x))
  }
}

export const products: ReadonlyArray<Maker> = [matmul, dense, bmm, einsum, outer]
