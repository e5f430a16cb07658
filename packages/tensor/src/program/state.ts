/** The state a program takes and gives back. */
import { describe } from "../graph/build.ts"
import { mismatch } from "./errors.ts"
import type { Trace } from "./trace.ts"
import { describeStructure, type LeafNode, type Structure, structures, walkBeside } from "./tree.ts"

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

  walkBeside(state, structures, result[0]!, {
    leaf: (old, next) => (next.kind === "leaf" ? pair(old, next) : differ(old, next)),
    differ: ({ at, found }) => differ(at, found)
  })
  return pairs
}

const differ = (old: Structure, next: Structure): never =>
  mismatch(next.path, `${kind(old)} as ${old.path}`, kind(next))

const kind = (structure: Structure): string => describeStructure(structure, "a tensor")
