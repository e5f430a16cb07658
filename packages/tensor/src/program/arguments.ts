/** Argument trees as flat lists, checked against the specifications. */
import type { DeviceBuffer } from "../device/device.ts"
import type { Data } from "../graph/node.ts"
import type { Identical } from "../shape/dim.ts"
import type { AnyArguments, AnySpecs } from "./any.ts"
import type { Axis } from "../shape/dim.ts"
import type { Given, Wanted } from "./bind.ts"
import { mismatch } from "./errors.ts"
import type { HostArgument } from "./host.ts"
import { nameOf, read } from "./read.ts"
import { isResident, type Resident, type ResidentLeaf } from "./cell.ts"
import { type FittingOf, showSpec, type Spec } from "./spec.ts"
import { describeStructure, join, type Structure } from "./tree.ts"

/** What may stand for a tree of specifications: host arrays, or a resident anywhere in the tree. */
export type ArgumentOf<T> =
  | Resident<FittingOf<T>>
  | (Identical<T, AnySpecs> extends true
      ? AnyArguments
      : T extends Spec
        ? HostArgument
        : { readonly [K in keyof T]: ArgumentOf<T[K]> })

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
export const flatten = (structure: Structure, wanted: ReadonlyArray<Wanted>, value: unknown, flat: Flat): void => {
  if (isResident(value)) {
    flat.residents.push(value)
    flattenResident(structure, wanted, value.structure, value.leaves, flat)
    return
  }
  switch (structure.kind) {
    case "leaf": {
      const { spec } = wanted[structure.index]!
      const { data, sizes } = read(value, spec.dtype, structure.path, showSpec(spec))
      flat.values.push(data)
      flat.sizes.push(sizes ?? data.length)
      return
    }
    case "list": {
      const items = Array.isArray(value)
        ? value
        : mismatch(structure.path, `an array of ${structure.items.length}`, nameOf(value))
      sameLength(structure.path, structure.items.length, items.length)
      structure.items.forEach((item, i) => flatten(item, wanted, items[i], flat))
      return
    }
    case "record": {
      const record =
        typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
          ? (value as Record<string, unknown>)
          : mismatch(structure.path, `an object with ${structure.keys.join(", ")}`, nameOf(value))
      sameKeys(structure, Object.keys(record), wanted)
      structure.keys.forEach((key, i) => flatten(structure.items[i]!, wanted, record[key], flat))
      return
    }
  }
}

const flattenResident = (
  structure: Structure,
  wanted: ReadonlyArray<Wanted>,
  held: Structure,
  leaves: ReadonlyArray<ResidentLeaf>,
  flat: Flat
): void => {
  if (structure.kind === "leaf" && held.kind === "leaf") {
    const { spec } = wanted[structure.index]!
    const leaf = leaves[held.index]!
    if (leaf.buffer.dtype !== spec.dtype) mismatch(structure.path, showSpec(spec), showSpec(leaf.spec))
    flat.values.push(leaf.buffer)
    flat.sizes.push(leaf.sizes)
    leaf.parts?.forEach((parts, axis) => {
      if (leaf.spec.shape[axis] === spec.shape[axis]) flat.known.push(...namesOf(parts ?? [], structure.path))
    })
  } else if (structure.kind === "list" && held.kind === "list") {
    sameLength(structure.path, structure.items.length, held.items.length)
    structure.items.forEach((item, i) => flattenResident(item, wanted, held.items[i]!, leaves, flat))
  } else if (structure.kind === "record" && held.kind === "record") {
    sameKeys(structure, held.keys, wanted)
    structure.keys.forEach((key, i) =>
      flattenResident(structure.items[i]!, wanted, held.items[held.keys.indexOf(key)]!, leaves, flat)
    )
  } else mismatch(structure.path, describe(structure, wanted), `a resident ${held.kind}`)
}

/** The names among axes, and those that they are made of. */
const namesOf = (axes: ReadonlyArray<Axis>, path: string): ReadonlyArray<Given> =>
  axes.flatMap(({ dim, size, parts }) => [
    ...(typeof dim === "string" ? [{ name: dim, size, path }] : []),
    ...namesOf(parts ?? [], path)
  ])

const describe = (structure: Structure, wanted: ReadonlyArray<Wanted>): string =>
  describeStructure(structure, structure.kind === "leaf" ? showSpec(wanted[structure.index]!.spec) : "")

const sameLength = (path: string, expected: number, found: number): void => {
  if (expected !== found) mismatch(path, `an array of ${expected}`, `an array of ${found}`)
}

const sameKeys = (
  structure: Extract<Structure, { kind: "record" }>,
  found: ReadonlyArray<string>,
  wanted: ReadonlyArray<Wanted>
): void => {
  if (found.length === structure.keys.length && found.every((key, i) => key === structure.keys[i])) return
  const missing = structure.keys.findIndex((key) => !found.includes(key))
  if (missing >= 0) {
    const item = structure.items[missing]!
    mismatch(item.path, describe(item, wanted), "nothing")
  }
  const extra = found.find((key) => !structure.keys.includes(key))
  if (extra !== undefined)
    mismatch(join(structure.path, extra), `only the keys ${structure.keys.join(", ")}`, "this one")
}
