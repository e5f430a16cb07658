/** Sizes of names made of names: a product or a sum follows from its parts, and the last part from it and the others. */
import type { Axis } from "../shape/dim.ts"
import { compositionOf } from "../shape/composite.ts"
import { mismatch } from "./errors.ts"

/** The name at `whole` is made of those at `parts`, positions among the names of a program. */
export interface Composition {
  readonly whole: number
  readonly kind: "sum" | "product"
  readonly parts: ReadonlyArray<number>
}

export const unbound = -1

/** What binding has found out about each name: its size, and where. */
export interface Bound {
  readonly sizes: Array<number>
  readonly sources: Array<string>
}

/** Binds what follows from what is bound. Throws `ArgumentError` where sizes contradict each other. */
export const compose = (
  names: ReadonlyArray<string>,
  compositions: ReadonlyArray<Composition>,
  { sizes, sources }: Bound
): void => {
  const sizeOf = (part: number): number => sizes[part]!
  const follow = ({ whole, kind, parts }: Composition): boolean => {
    const open = parts.filter((part) => sizes[part] === unbound)
    const closed = parts.filter((part) => sizes[part] !== unbound)
    const rest = closed.map(sizeOf).reduce(...combine[kind])
    const known = closed.map(sizeOf).join(sign[kind])
    if (open.length === 0) {
      if (sizes[whole] !== unbound && sizes[whole] !== rest)
        mismatch(sources[whole]!, `${names[whole]} to be ${known}`, `${sizes[whole]}`)
      if (sizes[whole] !== unbound) return false
      ;[sizes[whole], sources[whole]] = [rest, sources[parts[0]!]!]
      return true
    }
    if (open.length > 1 || sizes[whole] === unbound || (kind === "product" && rest === 0)) return false
    const size = kind === "product" ? sizes[whole]! / rest : sizes[whole]! - rest
    if (!(Number.isInteger(size) && size >= 0))
      mismatch(sources[whole]!, `${names[whole]} to be ${known}${sign[kind]}${names[open[0]!]}`, `${sizes[whole]}`)
    ;[sizes[open[0]!], sources[open[0]!]] = [size, sources[whole]!]
    return true
  }
  while (compositions.some(follow));
}

type Combine = [(a: number, b: number) => number, number]
const combine: Readonly<Record<Composition["kind"], Combine>> = {
  sum: [(a, b) => a + b, 0],
  product: [(a, b) => a * b, 1]
}
const sign = { sum: " + ", product: " * " } as const

/** The axis of a name under a binding, with the parts it is made of where all of them are bound. */
export const axisOfName = (names: ReadonlyArray<string>, sizes: ReadonlyArray<number>, name: string): Axis => {
  const size = sizes[names.indexOf(name)]!
  const parts = compositionOf(name)?.names.map((part) => axisOfName(names, sizes, part))
  const known = parts?.every((part) => part.size !== unbound && (!compositionOf(part.dim) || part.parts !== undefined))
  return known === true ? { dim: name, size, parts } : { dim: name, size }
}
