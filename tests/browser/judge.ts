/**
 * The matrix's judgement for graphics adapters. Shading languages promise less than IEEE 754: a compiler may assume that
 * there is no NaN, and exp, log and pow are within some units in the last place that grow with their arguments.
 */
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
  sqrt: 4
}

/** WGSL: log is within 2^-21 near one. */
const floor = 2 ** -20

/** How much further off programs of many operations may be than with exact functions. */
const spread = 16

/** A sample whose inputs hold no NaN. */
export const withoutNaN = (sample: Sample): Sample => ({
  ...sample,
  inputs: sample.inputs.map((data) =>
    data instanceof Float32Array ? data.map((x) => (Number.isNaN(x) ? 0.5 : x)) : data
  )
})

/** What stands in for a value: itself, unless the definition gives NaN (anything goes) or an infinity (any of its sign). */
const allowed = (found: number, expected: number): number => {
  if (Number.isNaN(expected)) return expected
  return Math.abs(expected) === Infinity && Math.sign(found) === Math.sign(expected) ? expected : found
}

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
    const known = found[j]!.map((x, i) => allowed(x, expected[j]![i]!)) as Data
    const wrong = disagreement(known, expected[j]!, node.dtype, within)
    if (wrong !== null) return `output ${j}: ${wrong}`
  }
  return null
}
