/** Notes that gradients understand, hung on values by `stopGradient`, `straightThrough`, `customVjp` and `checkpoint`. */
import * as G from "@noema/tensor/graph"
import type { AttentionNote, Node, Note, NoteName } from "@noema/tensor/graph"
import { attentionBackward } from "./attention.ts"
import type { Cotangents } from "./cotangents.ts"

/** A gradient written by hand: inputs of the note are the value, then what it was computed from. */
export interface CustomNote extends Note {
  readonly name: "customVjp"
  readonly backward: (g: Node, y: Node, primals: ReadonlyArray<Node>) => Cotangents
}

interface Rule {
  /** The cotangents of its inputs: the value first, then what the note refers to. */
  readonly pull: (g: Node, y: Node, note: Note) => Cotangents
  /** Of its inputs, those through which a gradient may flow. */
  readonly flows: readonly [from: number, to?: number]
  /** Whether every cell of an input's cotangent is made of the same cell of the note's own. */
  readonly cellwise: boolean
}

const through: Rule = { pull: (g) => [g], flows: [0, 1], cellwise: true }

const rules: Record<NoteName, Rule> = {
  argument: through,
  barrier: through,
  stopGradient: { pull: () => [], flows: [0, 0], cellwise: true },
  straightThrough: { pull: (g) => [null, g], flows: [1], cellwise: true },
  // The sweep computes it again (`../transform/checkpoint.ts`).
  checkpoint: { pull: (g) => [g], flows: [1], cellwise: true },
  customVjp: {
    pull: (g, y, note) => [null, ...(note as CustomNote).backward(g, y, y.inputs.slice(1))],
    flows: [1],
    cellwise: false
  },
  attention: { pull: (g, y, note) => attentionBackward(note as AttentionNote, g, y), flows: [1, 4], cellwise: false }
}

/** The cotangents that a note gives its inputs: the value first, then what the note refers to. */
export const noteRule = (note: Note, g: Node, y: Node): Cotangents => rules[note.name].pull(g, y, note)

export const isCellwise = (note: Note): boolean => rules[note.name].cellwise

/** The inputs through which a gradient may flow. */
export const flowsThrough = ({ inputs, op }: Node): ReadonlyArray<Node> =>
  op.kind === "note" ? inputs.slice(...rules[op.note.name].flows) : inputs

/** The value of `x` under a new identity, so that a function is differentiated in its argument and nothing else. */
export const argument = (x: Node): Node => G.note({ name: "argument" }, x)

/** The value of `forward`; its gradient is given to `backward` as it is. */
export const straightThrough = (forward: Node, backward: Node): Node =>
  G.note({ name: "straightThrough" }, forward, [backward])
