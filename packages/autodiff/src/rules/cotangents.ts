import type { Node } from "@noema/tensor/graph"

/** Of the inputs of a node, in their order; missing entries are zero. */
export type Cotangents = ReadonlyArray<Node | null>
