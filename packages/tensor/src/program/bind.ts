/** The open sizes of a program, bound from the shapes of its arguments. */
import { count } from "../graph/build.ts"
import { compositionOf } from "../shape/composite.ts"
import { type Dims, fromAxes, literal, type Shape, show } from "../shape/dim.ts"
import { isSize } from "../shape/named.ts"
import { axisOfName, type Bound, compose, type Composition, unbound } from "./compose.ts"
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
  /** All names of the specifications, and the names those are made of. */
  readonly names: ReadonlyArray<string>
  readonly compositions: ReadonlyArray<Composition>
  readonly wanted: ReadonlyArray<Wanted>
}

/** Numbers the names of all specifications. */
export const collectNames = (leaves: ReadonlyArray<{ readonly spec: Spec; readonly path: string }>): Names => {
  const names: Array<string> = []
  const compositions: Array<Composition> = []
  const position = (name: string): number => {
    if (names.includes(name)) return names.indexOf(name)
    const whole = names.push(name) - 1
    const made = compositionOf(name)
    if (made !== undefined) compositions.push({ whole, kind: made.kind, parts: made.names.map(position) })
    return whole
  }
  const wanted = leaves.map((leaf) => ({
    ...leaf,
    names: leaf.spec.shape.map((dim) => (typeof dim === "string" ? position(dim) : -1))
  }))
  return { names, compositions, wanted }
}

/** A size that is known before arguments are looked at, and where from. */
export interface Given {
  readonly name: string
  readonly size: number
  readonly path: string
}

/** Sizes given by name. Throws `ArgumentError` for other names and for what is no size. */
export const givenSizes = (
  { names }: Names,
  sizes: Readonly<Record<string, number>>,
  path: string
): ReadonlyArray<Given> =>
  Object.entries(sizes).map(([name, size]) => {
    const at = path === "" ? name : `${path}.${name}`
    if (!names.includes(name))
      mismatch(at, names.length === 0 ? "no names" : `only the names ${names.join(", ")}`, "this one")
    return isSize(size) ? { name, size, path: at } : mismatch(at, "a size", `${size}`)
  })

/**
 * The size of every name. `sizes` gives the sizes of each argument, or how many values it has where it does not know
 * its shape; those are solved last, for the one size that is then open. Throws `ArgumentError`.
 */
export const bind = (
  { compositions, names, wanted }: Names,
  sizes: ReadonlyArray<ReadonlyArray<number> | number>,
  given: ReadonlyArray<Given> = []
): ReadonlyArray<number> => {
  const bound: Bound = { sizes: names.map(() => unbound), sources: [] }
  for (const { name, path, size } of given) {
    const at = names.indexOf(name)
    if (at < 0) continue
    if (bound.sizes[at] !== unbound && bound.sizes[at] !== size)
      mismatch(path, `${name} to be ${bound.sizes[at]} as in ${bound.sources[at]}`, `${size}`)
    ;[bound.sizes[at], bound.sources[at]] = [size, path]
  }

  const agree = (leaf: Wanted, found: ReadonlyArray<number>): void => {
    const { shape } = leaf.spec
    if (found.length !== shape.length) wrongShape(leaf, found, "")
    for (let axis = 0; axis < shape.length; axis++) {
      const name = leaf.names[axis]!
      const size = found[axis]!
      if (name < 0) {
        if (size !== shape[axis]) wrongShape(leaf, found, "")
      } else if (bound.sizes[name] === unbound) {
        bound.sizes[name] = size
        bound.sources[name] = leaf.path
      } else if (bound.sizes[name] !== size) {
        wrongShape(leaf, found, ` where ${names[name]} is ${bound.sizes[name]} as in ${bound.sources[name]}`)
      }
    }
  }

  for (let i = 0; i < wanted.length; i++) {
    const found = sizes[i]!
    if (typeof found !== "number") agree(wanted[i]!, found)
  }
  compose(names, compositions, bound)
  for (let i = 0; i < wanted.length; i++) {
    const found = sizes[i]!
    if (typeof found === "number") agree(wanted[i]!, solve(wanted[i]!, found, bound.sizes))
  }
  compose(names, compositions, bound)
  return bound.sizes
}

/** The size of every name from those that are given. Throws `ArgumentError` where that of an axis does not follow. */
export const bindTo = ({ compositions, names, wanted }: Names, given: ReadonlyArray<Given>): ReadonlyArray<number> => {
  const bound: Bound = { sizes: names.map(() => unbound), sources: [] }
  for (const { name, path, size } of given) {
    bound.sizes[names.indexOf(name)] = size
    bound.sources[names.indexOf(name)] = path
  }
  compose(names, compositions, bound)
  const open = wanted.flatMap((leaf) => leaf.names).find((name) => name >= 0 && bound.sizes[name] === unbound)
  if (open !== undefined) {
    const parts = compositions.find(({ whole }) => whole === open)?.parts ?? [open]
    mismatch(names[parts.find((part) => bound.sizes[part] === unbound) ?? open]!, "a size", "nothing")
  }
  return bound.sizes
}

/** What a leaf is under a binding: its names, their sizes, and what these are made of. */
export const dimsOf = ({ names }: Names, { spec }: Wanted, sizes: ReadonlyArray<number>): Dims =>
  fromAxes(spec.shape.map((dim) => (typeof dim === "string" ? axisOfName(names, sizes, dim) : literal(dim))))

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
