/** `checkGradients`: any program against finite differences. */
import type { Tensor } from "@noema/tensor"
import { input } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { leavesOf, nodesOf, withNodes } from "../tree.ts"
import { checkGraph, type CheckOptions, type Comparison, disagrees } from "./check-graph.ts"

/**
 * A gradient differs from finite differences; says where it is worst.
 *
 * @example
 * const found = { where: "params.w[1,2]", analytic: 2, numeric: 3, allowed: 1e-4, failed: 1, checked: 8 }
 * new GradientMismatch(found).message
 * // => "the derivative at params.w[1,2] is 2 by the rules and 3 by finite differences (allowed difference " +
 * //    "1.0e-4); 1 of 8 derivatives disagree"
 */
export class GradientMismatch extends Data.TaggedError("GradientMismatch")<{
  /** `params.w[1,2]`, or `a random direction`. */
  readonly where: string
  readonly analytic: number
  readonly numeric: number
  readonly allowed: number
  readonly failed: number
  readonly checked: number
}> {
  override get message(): string {
    return (
      `the derivative at ${this.where} is ${this.analytic} by the rules and ${this.numeric} by finite differences ` +
      `(allowed difference ${this.allowed.toExponential(1)}); ${this.failed} of ${this.checked} derivatives disagree`
    )
  }
}

/** What a check that passed has looked at. */
export interface GradientReport {
  readonly checked: number
  /** The largest difference, as a fraction of what was allowed. */
  readonly worst: number
}

/**
 * Checks the gradient of a function of a tensor or a tree of tensors, at the values of `at`, against central finite
 * differences in float64: along random directions, and element by element (drawn at random where there are many).
 * Outputs of any shape are allowed. Leaves that are not f32 stay fixed. Near kinks, where finite differences mean
 * little, the difference allowed grows with their own uncertainty. For second derivatives check the gradient.
 *
 * Fails with `GradientMismatch`, which names the worst element.
 *
 * @example
 * const { checked } = yield* checkGradients((x: Tensor.Tensor<[3]>) => Tensor.softmax(x, 0), Tensor.fromArray([1, 2, 3]))
 * checked > 0 // => true
 * const wrong = (x: Tensor.Tensor<[]>) => Tensor.add(stopGradient(x), Tensor.mul(x, 2))
 * (yield* Effect.flip(checkGradients(wrong, Tensor.scalar(1)))).where // => "params"
 */
export const checkGradients = <P>(
  f: (at: P) => unknown,
  at: P,
  options: CheckOptions = {}
): Effect.Effect<GradientReport, GradientMismatch> =>
  Effect.suspend(() => {
    const targets = leavesOf(at, "params")
    const values = interpret({ inputs: [], outputs: nodesOf(targets) }, [])
    const inputs = targets.leaves.map((leaf, i) => input(targets.paths[i]!, leaf.sizes, leaf.dtype))
    const outputs = nodesOf(leavesOf(f(withNodes(targets, inputs)), "result"))
    const comparisons = checkGraph({ inputs, outputs }, values, options)
    const failed = comparisons.filter(disagrees)
    const [worst] = failed.toSorted((a, b) => Number(a.at === null) - Number(b.at === null) || excess(b) - excess(a))
    if (worst === undefined)
      return Effect.succeed({ checked: comparisons.length, worst: Math.max(0, ...comparisons.map(excess)) })
    return Effect.fail(
      new GradientMismatch({
        where: placeOf(worst, targets.paths, targets.leaves),
        analytic: worst.analytic,
        numeric: worst.numeric.value,
        allowed: worst.allowed,
        failed: failed.length,
        checked: comparisons.length
      })
    )
  })

/** A derivative that is not a number is the worst there is. */
const excess = ({ analytic, numeric, allowed }: Comparison): number => {
  const ratio = Math.abs(analytic - numeric.value) / allowed
  return Number.isNaN(ratio) ? Infinity : ratio
}

const placeOf = ({ at }: Comparison, paths: ReadonlyArray<string>, leaves: ReadonlyArray<Tensor.AnyTensor>): string => {
  if (at === null) return "a random direction"
  let rest = at.element
  const index = leaves[at.input]!.sizes.toReversed().map((size) => {
    const here = rest % size
    rest = (rest - here) / size
    return here
  })
  return index.length === 0 ? paths[at.input]! : `${paths[at.input]}[${index.toReversed().join(",")}]`
}
