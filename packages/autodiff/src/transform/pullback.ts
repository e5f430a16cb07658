/** The reverse sweep: from cotangents of outputs to cotangents of targets, one rule at a time. */
import type { Node } from "@noema/tensor/graph"
import { flowsThrough } from "../rules/notes.ts"
import { pulled } from "../rules/rules.ts"
import { checkpointsOf, isCheckpoint, recompute } from "./checkpoint.ts"
import { inRegion, plus } from "./region.ts"
import type { Cotangent } from "./region.ts"
import { reachable } from "./walk.ts"

/**
 * The vector-Jacobian product: the cotangent of every target given those of the outputs; `null` is zero. Targets are
 * independent of each other: what lies behind one is not looked at.
 */
export const pullback = (
  outputs: ReadonlyArray<Node>,
  cotangents: ReadonlyArray<Node | null>,
  targets: ReadonlyArray<Node>
): ReadonlyArray<Node | null> =>
  sweep(
    outputs,
    cotangents.map((value) => (value === null ? null : { value, region: null })),
    targets
  ).map((cotangent) => cotangent?.value ?? null)

const sweep = (
  outputs: ReadonlyArray<Node>,
  cotangents: ReadonlyArray<Cotangent | null>,
  targets: ReadonlyArray<Node>
): ReadonlyArray<Cotangent | null> => {
  const relevant = dependents(outputs, targets)
  const sums = new Map<Node, Cotangent>()
  const give = (node: Node, cotangent: Cotangent | null): void => {
    if (cotangent === null || !relevant.has(node)) return
    const soFar = sums.get(node)
    sums.set(node, soFar === undefined ? cotangent : plus(soFar, cotangent))
  }
  outputs.forEach((output, k) => give(output, cotangents[k]!))
  const stop = new Set(targets)
  const checkpoints = checkpointsOf(relevant)
  for (const node of [...relevant].toReversed()) {
    if (stop.has(node)) continue
    const outputsHere = checkpoints.get(node)
    if (outputsHere !== undefined) {
      const seeds = outputsHere.map((output) => sums.get(output) ?? null)
      if (seeds.every((seed) => seed === null)) continue
      const again = recompute(outputsHere, seeds)
      sweep(again.outputs, seeds, again.inputs).forEach((cotangent, i) => give(node.inputs[i + 1]!, cotangent))
    }
    const own = sums.get(node)
    if (own === undefined || isCheckpoint(node)) continue
    pulled(own.value, node, node.op).forEach((value, i) => {
      if (value !== null) give(node.inputs[i]!, inRegion(node, i, own, value))
    })
  }
  return targets.map((target) => sums.get(target) ?? null)
}

/** The nodes of real numbers on a path from a target to an output, inputs before users. */
const dependents = (outputs: ReadonlyArray<Node>, targets: ReadonlyArray<Node>): ReadonlySet<Node> => {
  const found = new Set<Node>(targets)
  for (const node of reachable(outputs, found)) {
    if (node.dtype === "f32" && flowsThrough(node).some((input) => found.has(input))) found.add(node)
  }
  return found
}
