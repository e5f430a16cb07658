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
    if (Array.isArray(value)) return { kind: "list", path, items: value.map((item, i) => walk(item, join(path, i))) }
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value))
      throw new TypeError(
        `${path === "" ? "the tree" : path}: expected ${leaf}, an object or an array, found ${shown(value)}`
      )
    const keys = Object.keys(value)
    const items = keys.map((key) => walk((value as Record<string, unknown>)[key], join(path, key)))
    return { kind: "record", path, keys, items }
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

/** What a place of a tree is, in words. */
export const describeStructure = (structure: Structure, leaf: string): string =>
  structure.kind === "leaf"
    ? leaf
    : structure.kind === "list"
      ? `an array of ${structure.items.length}`
      : `an object with ${structure.keys.join(", ")}`
