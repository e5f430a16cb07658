/** Argument trees as flat lists, checked against the specifications. */
import { type FittingOf } from "./forms.ts"
import type { DeviceBuffer } from "../device/device.ts"
import type { Data } from "../graph/node.ts"
import type { Identical } from "../shape/dim.ts"
import type { AnyArguments, AnySpecs } from "./any.ts"
import type { Axis } from "../shape/dim.ts"
import type { Given, Wanted } from "./bind.ts"
import { mismatch } from "./errors.ts"
import type { HostArgument } from "./host.ts"
import { nameOf, read } from "./read.ts"
import { isResident, type Resident } from "./cell.ts"
import { showSpec, type Spec } from "./spec.ts"
import { describeStructure, type Difference, join, type Structure, structures, values, walkBeside } from "./tree.ts"

/** What may stand for a tree of specifications: host arrays, or a resident anywhere in the tree. */
export type ArgumentOf<T> =
  | Resident<FittingOf<T>>
  | (Identical<T, AnySpecs> extends true
      ? AnyArguments
      : T extends Spec
        ? HostArgument
        : { readonly [K in keyof T]: ArgumentOf<T[K]> })

/** What a program of these specifications is called with. */
export type ArgumentsOf<Specs extends ReadonlyArray<unknown>> = { readonly [K in keyof Specs]: ArgumentOf<Specs[K]> }

/** The leaves of all arguments, in the order of the specifications. */
export interface Flat {
  readonly values: Array<Data | DeviceBuffer>
  /** Sizes, or the number of values where an argument has no shape. */
  readonly sizes: Array<ReadonlyArray<number> | number>
  readonly residents: Array<Resident<any>>
  /** Sizes of names that residents know. */
  readonly known: Array<Given>
}

/** Appends the leaves of one argument. Throws `ArgumentError` for a wrong dtype, or missing or unexpected keys. */
export const flatten = (structure: Structure, wanted: ReadonlyArray<Wanted>, value: unknown, flat: Flat): void =>
  walkBeside(structure, values, value, {
    takes: (at, value) => {
      if (!isResident(value)) return false
      flat.residents.push(value)
      flattenResident(at, wanted, value, flat)
      return true
    },
    leaf: (at, value) => {
      const { spec } = wanted[at.index]!
      const { data, sizes } = read(value, spec.dtype, at.path, showSpec(spec))
      flat.values.push(data)
      flat.sizes.push(sizes ?? data.length)
    },
    differ: (difference) => refuse(difference, wanted, nameOf)
  })

const flattenResident = (
  structure: Structure,
  wanted: ReadonlyArray<Wanted>,
  held: Resident<unknown>,
  flat: Flat
): void =>
  walkBeside(structure, structures, held.structure, {
    leaf: (at, found) => {
      if (found.kind !== "leaf") return mismatch(at.path, describe(at, wanted), `a resident ${found.kind}`)
      const { spec } = wanted[at.index]!
      const leaf = held.leaves[found.index]!
      if (leaf.buffer.dtype !== spec.dtype) mismatch(at.path, showSpec(spec), showSpec(leaf.spec))
      flat.values.push(leaf.buffer)
      flat.sizes.push(leaf.sizes)
      leaf.parts?.forEach((parts, axis) => {
        if (leaf.spec.shape[axis] === spec.shape[axis]) flat.known.push(...namesOf(parts ?? [], at.path))
      })
    },
    differ: (difference) =>
      refuse(difference, wanted, (found) =>
        found.kind === difference.at.kind ? describe(found, wanted) : `a resident ${found.kind}`
      )
  })

const refuse = <V>(difference: Difference<V>, wanted: ReadonlyArray<Wanted>, name: (found: V) => string): never => {
  const { at, found } = difference
  switch (difference.kind) {
    case "form":
      return mismatch(at.path, describe(at, wanted), name(found))
    case "missing":
      return mismatch(difference.item.path, describe(difference.item, wanted), "nothing")
    case "extra": {
      const keys = at.kind === "record" ? at.keys : []
      return mismatch(join(at.path, difference.key), `only the keys ${keys.join(", ")}`, "this one")
    }
  }
}

/** The names among axes, and those that they are made of. */
const namesOf = (axes: ReadonlyArray<Axis>, path: string): ReadonlyArray<Given> =>
  axes.flatMap(({ dim, size, parts }) => [
    ...(typeof dim === "string" ? [{ name: dim, size, path }] : []),
    ...namesOf(parts ?? [], path)
  ])

const describe = (structure: Structure, wanted: ReadonlyArray<Wanted>): string =>
  describeStructure(structure, structure.kind === "leaf" ? showSpec(wanted[structure.index]!.spec) : "")
