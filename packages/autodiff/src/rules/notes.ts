/** Notes that gradients understand, hung on values by `stopGradient`, `straightThrough`, `customVjp` and `checkpoint`. */
import * as G from "@noema/tensor/graph"
import type { Node, Note } from "@noema/tensor/graph"
import { attentionBackward } from "./attention.ts"
import type { Cotangents } from "./rules.ts"

/** A gradient written by hand: inputs of the note are the value, then what it was computed from. */
export interface CustomNote extends Note {
  readonly name: "customVjp"
  readonly backward: (g: Node, y: Node, primals: ReadonlyArray<Node>) => Cotangents
}

const isCustom = (note: Note): note is CustomNote => note.name === "customVjp"

/** The cotangents that a note gives its inputs: the value first, then what the note refers to. */
export const noteRule = (note: Note, g: Node, y: Node): Cotangents => {
  if (isCustom(note)) return [null, ...note.backward(g, y, y.inputs.slice(1))]
  if (G.isAttention(note)) return attentionBackward(note, g, y)
  if (note.name === "straightThrough") return [null, g]
  return note.name === "stopGradient" ? [] : [g]
}

/** Whether every cell of an input's cotangent is made of the same cell of the note's own. */
export const isCellwise = (note: Note): boolean => !isCustom(note) && !G.isAttention(note)

/** The inputs through which a gradient may flow. */
export const flowsThrough = (node: Node): ReadonlyArray<Node> => {
  if (node.op.kind !== "note") return node.inputs
  switch (node.op.note.name) {
    case "stopGradient":
      return []
    case "straightThrough":
    case "customVjp":
    case "checkpoint":
      return node.inputs.slice(1)
    case "attention":
      return node.inputs.slice(1, 4)
    default:
      return node.inputs.slice(0, 1)
  }
}

/** The value of `x` under a new identity, so that a function is differentiated in its argument and nothing else. */
export const argument = (x: Node): Node => G.note({ name: "argument" }, x)

/** The value of `forward`; its gradient is given to `backward` as it is. */
export const straightThrough = (forward: Node, backward: Node): Node =>
  G.note({ name: "straightThrough" }, forward, [backward])
