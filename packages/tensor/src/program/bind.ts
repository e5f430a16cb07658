/** The open sizes of a program, bound from the shapes of its arguments. */
import { count } from "../graph/build.ts"
import type { Shape } from "../shape/dim.ts"
import { show } from "../shape/dim.ts"
import { mismatch } from "./errors.ts"
import { showSpec, type Spec } from "./spec.ts"

/** One leaf of the specifications. */
export interface Wanted {
  readonly spec: Spec
  readonly path: string
  /** Per axis: the position of its name among the program's names, or -1 for a fixed size. */
  readonly names: ReadonlyArray<number>
}

export interface Names {
  readonly names: ReadonlyArray<string>
  readonly wanted: ReadonlyArray<Wanted>
}

/** Numbers the names of all specifications. */
export const collectNames = (leaves: ReadonlyArray<{ readonly spec: Spec; readonly path: string }>): Names => {
  const names: Array<string> = []
  const position = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1)
  const wanted = leaves.map((leaf) => ({
    ...leaf,
    names: leaf.spec.shape.map((dim) => (typeof dim === "string" ? position(dim) : -1))
  }))
  return { names, wanted }
}

const unbound = -1

/**
 * The size of every name. `sizes` gives the sizes of each argument, or how many values it has where it does not know
 * its shape; those are solved last, for the one size that is then open. Throws `ArgumentError`.
 */
export const bind = (
  { names, wanted }: Names,
  sizes: ReadonlyArray<ReadonlyArray<number> | number>
): ReadonlyArray<number> => {
  const bound: Array<number> = names.map(() => unbound)
  const source: Array<string> = []

  const agree = (leaf: Wanted, found: ReadonlyArray<number>): void => {
    const { shape } = leaf.spec
    if (found.length !== shape.length) wrongShape(leaf, found, "")
    for (let axis = 0; axis < shape.length; axis++) {
      const name = leaf.names[axis]!
      const size = found[axis]!
      if (name < 0) {
        if (size !== shape[axis]) wrongShape(leaf, found, "")
      } else if (bound[name] === unbound) {
        bound[name] = size
        source[name] = leaf.path
      } else if (bound[name] !== size) {
        wrongShape(leaf, found, ` where ${names[name]} is ${bound[name]} as in ${source[name]}`)
      }
    }
  }

  for (let i = 0; i < wanted.length; i++) {
    const found = sizes[i]!
    if (typeof found !== "number") agree(wanted[i]!, found)
  }
  for (let i = 0; i < wanted.length; i++) {
    const found = sizes[i]!
    if (typeof found === "number") agree(wanted[i]!, solve(wanted[i]!, found, bound))
  }
  checkProducts(names, bound, source)
  return bound
}

const wrongShape = (leaf: Wanted, found: ReadonlyArray<number>, why: string): never =>
  mismatch(leaf.path, show(leaf.spec.shape) + why, show(found))

/** The sizes `length` values have under a specification with at most one size open. */
const solve = (leaf: Wanted, length: number, bound: ReadonlyArray<number>): ReadonlyArray<number> => {
  const known = leaf.spec.shape.map((dim, axis) => (typeof dim === "number" ? dim : bound[leaf.names[axis]!]!))
  const open = known.flatMap((size, axis) => (size === unbound ? [axis] : []))
  const rest = count(known.filter((size) => size !== unbound))
  const [axis] = open
  if (axis === undefined) return length === rest ? known : wrongCount(leaf, known, length)
  if (new Set(open.map((at) => leaf.names[at])).size > 1 || open.length > 1)
    return mismatch(leaf.path, showSpec(leaf.spec), `${length} values without a shape`)
  return rest > 0 && length % rest === 0 ? known.with(axis, length / rest) : wrongCount(leaf, leaf.spec.shape, length)
}

const wrongCount = (leaf: Wanted, shape: Shape, length: number): never =>
  mismatch(leaf.path, show(shape), `${length} values`)

/** A product such as "h*d" is the product of its factors where these are names of their own. */
const checkProducts = (
  names: ReadonlyArray<string>,
  bound: ReadonlyArray<number>,
  source: ReadonlyArray<string>
): void => {
  names.forEach((name, i) => {
    if (!name.includes("*")) return
    const factors = name.split("*").map((factor) => bound[names.indexOf(factor)])
    if (!factors.every((factor) => factor !== undefined)) return
    const product = count(factors)
    if (product !== bound[i]) mismatch(source[i]!, `${name} to be ${factors.join(" * ")}`, `${bound[i]}`)
  })
}
