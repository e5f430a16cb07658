/**
 * Checkpoints: values whose intermediate results are not kept for the backward pass but computed again there.
 *
 * Each output of a checkpointed function is a note whose inputs are the output, then every node from outside that the
 * function used (arguments and captured values alike).
 */
import * as G from "@noema/tensor/graph"
import type { Node, Note } from "@noema/tensor/graph"
import type { Cotangent } from "./region.ts"
import { reachable } from "./walk.ts"

interface CheckpointNote extends Note {
  readonly name: "checkpoint"
  /** One object for all outputs of one call. */
  readonly call: object
}

/** What `body` makes, its nodes marked so that the backward pass computes again what lies between them and outside. */
export const checkpoint = <T extends { readonly nodes: ReadonlyArray<Node> }>(body: () => T): T => {
  const start = G.scalar(0, "f32").id
  const made = body()
  const inside = reachable(made.nodes, { has: (node) => node.id < start })
  const outside = new Set(inside.flatMap((node) => node.inputs.filter((input) => input.id < start)))
  const note: CheckpointNote = { name: "checkpoint", call: {} }
  const nodes = made.nodes.map((node) => (node.id < start ? node : G.note(note, node, [...outside])))
  return { ...made, nodes }
}

const checkpointNote = (node: Node): CheckpointNote | null =>
  node.op.kind === "note" && node.op.note.name === "checkpoint" ? (node.op.note as CheckpointNote) : null

export const isCheckpoint = (node: Node): boolean => checkpointNote(node) !== null

/** The outputs of every checkpointed call among `nodes`, under the one made first: the last that a sweep reaches. */
export const checkpointsOf = (nodes: Iterable<Node>): ReadonlyMap<Node, ReadonlyArray<Node>> => {
  const calls = new Map<object, Array<Array<Node>>>()
  for (const node of nodes) {
    const call = checkpointNote(node)?.call
    if (call === undefined) continue
    // A call computed again (inside an outer checkpoint) has the same note but other inputs.
    const copies = calls.get(call) ?? []
    const copy = copies.find(([first]) => first!.inputs.every((input, i) => i === 0 || input === node.inputs[i]))
    if (copy === undefined) calls.set(call, [...copies, [node]])
    else copy.push(node)
  }
  return new Map(
    [...calls.values()].flat().map((outputs) => [outputs.reduce((a, b) => (a.id < b.id ? a : b)), outputs])
  )
}

/**
 * A second copy of a checkpointed call. Its inputs are barriers that wait for the cotangents, so that the copy is made
 * when the backward pass needs it and is not merged with the first.
 */
export const recompute = (
  outputs: ReadonlyArray<Node>,
  seeds: ReadonlyArray<Cotangent | null>
): { readonly inputs: ReadonlyArray<Node>; readonly outputs: ReadonlyArray<Node> } => {
  const after = seeds.flatMap((seed) => (seed === null ? [] : [seed.value]))
  const copies = new Map<Node, Node>()
  const inputs = outputs[0]!.inputs.slice(1).map((input) => {
    const copy = G.barrier(input, after)
    copies.set(input, copy)
    return copy
  })
  const copyOf = (node: Node): Node => copies.get(node) ?? node
  const results = outputs.map((output) => output.inputs[0]!)
  for (const node of reachable(results, copies)) copies.set(node, G.rebuild(node, node.inputs.map(copyOf)))
  return { inputs, outputs: results.map(copyOf) }
}
