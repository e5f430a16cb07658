import * as G from "@noema/tensor/graph"
import type { Node } from "@noema/tensor/graph"

/**
 * The value of `x` under a new identity that is not known before `after` are. A compiler must not merge what depends
 * on a barrier with what does not: that is what makes a checkpoint recompute.
 */
export const barrier = (x: Node, after: ReadonlyArray<Node>): Node => G.note({ name: "barrier" }, x, after)
