/**
 * The matrix's judgement for graphics adapters. Shading languages promise less than IEEE 754: exp, log and pow are within
 * some units in the last place that grow with their arguments. NaN and infinities are due as everywhere.
 */
import { functions, isOfExponentials } from "../functions.ts"
import type { Data } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import { disagreement } from "../tensor/matrix/agreement.ts"
import type { Case } from "../tensor/matrix/case.ts"
import type { Sample } from "../tensor/matrix/sample.ts"

/** WGSL: exp(x) within 3 + 2 |x| ulp, and pow(x, y) = exp2(y log2(x)). */
export const graphicsUlps: Readonly<Record<string, number>> = {
  exp: 200,
  pow: 200,
  sigmoid: 60,
  div: 3,
  log: 4,
  rsqrt: 4,
  sqrt: 4,
  // What is made of exponentials is no nearer than they are.
  ...Object.fromEntries(functions.filter(isOfExponentials).map(({ definition }) => [definition.name, 200]))
}

/** WGSL: log is within 2^-21 near one. */
const floor = 2 ** -20

/** How much further off programs of many operations may be than with exact functions. */
const spread = 16

/** What is wrong with the found outputs, or null. */
export const judgeOnGpu = (sample: Sample, found: ReadonlyArray<Data>, each: Case): string | null => {
  const absolute = each.allowance?.(sample) ?? each.tolerance.absolute
  const isExact = each.tolerance.ulps === 0
  const within = {
    ulps: graphicsUlps[each.name] ?? (isExact ? 0 : Math.max(each.tolerance.ulps, 8)),
    absolute: isExact ? absolute : Math.max(floor, absolute * spread)
  }
  const expected = interpret(sample.graph, sample.inputs)
  for (const [j, node] of sample.graph.outputs.entries()) {
    const wrong = disagreement(found[j]!, expected[j]!, node.dtype, within)
    if (wrong !== null) return `output ${j}: ${wrong}`
  }
  return null
}
