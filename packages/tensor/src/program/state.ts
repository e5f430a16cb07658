/** The state a program takes and gives back. */
import { describe } from "../graph/build.ts"
import { mismatch } from "./errors.ts"
import type { Trace } from "./trace.ts"
import { describeStructure, type LeafNode, type Structure } from "./tree.ts"

/** Leaf `input` of the arguments becomes leaf `output` of the result. */
export interface Succession {
  readonly input: number
  readonly output: number
}

/**
 * For a program of `(state, ...args) => [state, result]`: which output is the next value of which input. Throws
 * `ArgumentError` where the new state is not like the old one.
 */
export const successions = (
  state: Structure,
  { graph, structure }: Pick<Trace, "graph" | "structure">
): ReadonlyArray<Succession> => {
  const result =
    structure.kind === "list" && structure.items.length === 2
      ? structure.items
      : mismatch("result", "[state, result] of a program to update with", kind(structure))
  const pairs: Array<Succession> = []

  const pair = (old: LeafNode, next: LeafNode): void => {
    const [from, to] = [graph.inputs[old.index]!, graph.outputs[next.index]!]
    if (describe(from) !== describe(to)) mismatch(next.path, `${describe(from)} as ${old.path}`, describe(to))
    pairs.push({ input: old.index, output: next.index })
  }

  const walk = (old: Structure, next: Structure): void => {
    if (old.kind === "leaf" && next.kind === "leaf") return pair(old, next)
    if (old.kind === "list" && next.kind === "list" && old.items.length === next.items.length)
      return old.items.forEach((item, i) => walk(item, next.items[i]!))
    if (old.kind === "record" && next.kind === "record" && sameKeys(old.keys, next.keys))
      return old.keys.forEach((key, i) => walk(old.items[i]!, next.items[next.keys.indexOf(key)]!))
    mismatch(next.path, `${kind(old)} as ${old.path}`, kind(next))
  }

  walk(state, result[0]!)
  return pairs
}

const sameKeys = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((key) => b.includes(key))

const kind = (structure: Structure): string => describeStructure(structure, "a tensor")
