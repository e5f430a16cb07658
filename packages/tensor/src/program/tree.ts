/**
 * Trees: nested records, tuples and arrays, with tensors, specifications or arrays as leaves. A structure is a tree
 * whose leaves are numbered in order; it takes trees apart into lists and puts them together again.
 */

export interface LeafNode {
  readonly kind: "leaf"
  readonly path: string
  /** Position among the leaves. */
  readonly index: number
}

export type Structure =
  | LeafNode
  | { readonly kind: "list"; readonly path: string; readonly items: ReadonlyArray<Structure> }
  | {
      readonly kind: "record"
      readonly path: string
      readonly keys: ReadonlyArray<string>
      readonly items: ReadonlyArray<Structure>
    }

/** A tree taken apart. */
export interface Taken<L> {
  readonly structure: Structure
  readonly leaves: ReadonlyArray<L>
  /** Of each leaf. */
  readonly paths: ReadonlyArray<string>
}

/** `params.layers.0`. */
export const join = (path: string, key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`)

/** How to look into a tree. */
export interface Side<V> {
  readonly list: (value: V) => ReadonlyArray<V> | null
  readonly keys: (value: V) => ReadonlyArray<string> | null
  /** What a record has under one of its keys. */
  readonly at: (value: V, key: string) => V
}

/** Trees of anything: arrays, and objects that are not arrays of numbers. */
export const values: Side<unknown> = {
  list: (value) => (Array.isArray(value) ? value : null),
  keys: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
      ? Object.keys(value)
      : null,
  at: (value, key) => (value as Readonly<Record<string, unknown>>)[key]
}

/** Structures as trees. */
export const structures: Side<Structure> = {
  list: (structure) => (structure.kind === "list" ? structure.items : null),
  keys: (structure) => (structure.kind === "record" ? structure.keys : null),
  at: (structure, key) => {
    const { items, keys } = structure as Extract<Structure, { kind: "record" }>
    return items[keys.indexOf(key)]!
  }
}

/**
 * Takes a tree apart. What is neither a leaf nor an array nor an object is a `TypeError` that names its path and says
 * what a leaf is.
 */
export const takeApart = <L>(
  tree: unknown,
  isLeaf: (value: unknown) => value is L,
  path: string,
  leaf = "a tensor"
): Taken<L> => {
  const leaves: Array<L> = []
  const paths: Array<string> = []
  const walk = (value: unknown, path: string): Structure => {
    if (isLeaf(value)) {
      paths.push(path)
      return { kind: "leaf", path, index: leaves.push(value) - 1 }
    }
    const list = values.list(value)
    if (list !== null) return { kind: "list", path, items: list.map((item, i) => walk(item, join(path, i))) }
    const keys = values.keys(value)
    if (keys === null)
      throw new TypeError(
        `${path === "" ? "the tree" : path}: expected ${leaf}, an object or an array, found ${shown(value)}`
      )
    return { kind: "record", path, keys, items: keys.map((key) => walk(values.at(value, key), join(path, key))) }
  }
  const structure = walk(tree, path)
  return { structure, leaves, paths }
}

const shown = (value: unknown): string => (ArrayBuffer.isView(value) ? value.constructor.name : String(value))

/** The tree of this structure with other leaves. */
export const putTogether = (structure: Structure, leaf: (index: number) => unknown): unknown => {
  switch (structure.kind) {
    case "leaf":
      return leaf(structure.index)
    case "list":
      return structure.items.map((item) => putTogether(item, leaf))
    case "record":
      return Object.fromEntries(structure.keys.map((key, i) => [key, putTogether(structure.items[i]!, leaf)]))
  }
}

/** Where another tree is not like a structure: of another form there, or with keys too few or too many. */
export type Difference<V> = { readonly at: Structure; readonly found: V } & (
  | { readonly kind: "form" }
  | { readonly kind: "missing"; readonly item: Structure }
  | { readonly kind: "extra"; readonly key: string }
)

/** What becomes of a tree that is walked beside a structure. */
export interface Visit<V> {
  readonly leaf: (at: LeafNode, value: V) => void
  /** Is told of a difference; what lies below it is not walked. */
  readonly differ: (difference: Difference<V>) => void
  /** Takes what is at a place, and all below it, as its own, where it returns true. */
  readonly takes?: (at: Structure, value: V) => boolean
}

/** Walks another tree beside a structure, in the structure's order: keys may come in any. */
export const walkBeside = <V>(structure: Structure, side: Side<V>, tree: V, visit: Visit<V>): void => {
  if (visit.takes?.(structure, tree) === true) return
  switch (structure.kind) {
    case "leaf":
      return visit.leaf(structure, tree)
    case "list": {
      const list = side.list(tree)
      if (list?.length !== structure.items.length) return visit.differ({ kind: "form", at: structure, found: tree })
      return structure.items.forEach((item, i) => walkBeside(item, side, list[i]!, visit))
    }
    case "record": {
      const { items, keys } = structure
      const found = side.keys(tree)
      if (found === null) return visit.differ({ kind: "form", at: structure, found: tree })
      if (found.length !== keys.length || found.some((key, i) => key !== keys[i])) {
        const missing = keys.findIndex((key) => !found.includes(key))
        if (missing >= 0) return visit.differ({ kind: "missing", at: structure, item: items[missing]!, found: tree })
        const extra = found.find((key) => !keys.includes(key))
        if (extra !== undefined) return visit.differ({ kind: "extra", at: structure, key: extra, found: tree })
      }
      return keys.forEach((key, i) => walkBeside(items[i]!, side, side.at(tree, key), visit))
    }
  }
}

/** The tree with each leaf replaced by one of its kind. Throws `TypeError` as `takeApart` does. */
export const mapLeaves = <T, L>(
  tree: T,
  isLeaf: (value: unknown) => value is L,
  change: (leaf: L, path: string) => L,
  leaf?: string
): T => {
  const { leaves, paths, structure } = takeApart(tree, isLeaf, "", leaf)
  return putTogether(structure, (i) => change(leaves[i]!, paths[i]!)) as T
}

/** What a place of a tree is, in words. */
export const describeStructure = (structure: Structure, leaf: string): string =>
  structure.kind === "leaf"
    ? leaf
    : structure.kind === "list"
      ? `an array of ${structure.items.length}`
      : `an object with ${structure.keys.join(", ")}`
