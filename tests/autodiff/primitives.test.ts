import * as G from "@noema/tensor/graph"
import type { Graph } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkGraph, disagrees } from "../../packages/autodiff/src/check/check-graph.ts"
import { binary, rules, unary } from "../../packages/autodiff/src/rules/rules.ts"
import { pullback } from "../../packages/autodiff/src/transform/pullback.ts"
import { programs } from "./programs.ts"
import type { Program } from "./programs.ts"

const traced = ({ sizes, of }: Program): Graph => {
  const inputs = sizes.map((shape, i) => G.input(`x${i}`, shape, "f32"))
  // Squared, so that second derivatives of linear programs are not zero too.
  const y = of(...inputs)
  return { inputs, outputs: [G.binary("mul", y, y)] }
}

/** The gradient in every input of the sum of the outputs. */
const derivative = ({ inputs, outputs }: Graph): Graph => {
  const ones = outputs.map(({ sizes }) => G.broadcast(G.scalar(1, "f32"), sizes, []))
  return { inputs, outputs: pullback(outputs, ones, inputs).filter((g) => g !== null) }
}

/** What has no gradient to check: leaves, conditions, indices, random bits, and notes, which have rules of their own. */
const without = ["input", "scalar", "constant", "iota", "compare", "uniform", "foldIn", "note", "not", "and", "or"]

it("no rule is left out", () => {
  const seen = new Set(without)
  for (const sample of Object.values(programs))
    for (const program of fc.sample(sample, { numRuns: 20, seed: 1 }))
      for (const { op } of G.topological(traced(program).outputs)) {
        seen.add(op.kind)
        if (op.kind === "unary" || op.kind === "binary") seen.add(op.fn)
      }
  const named = [rules, unary, binary].flatMap((table) => Object.keys(table))
  expect(named.filter((name) => !seen.has(name))).toEqual([])
})

describe("every primitive agrees with finite differences", () => {
  for (const [name, sample] of Object.entries(programs)) {
    it(name, () => {
      fc.assert(
        fc.property(sample, fc.nat(), (program, seed) => {
          const graph = traced(program)
          expect(checkGraph(graph, program.data, { seed, directions: 1 }).find(disagrees)).toBeUndefined()
          expect(checkGraph(derivative(graph), program.data, { seed, directions: 1 }).find(disagrees)).toBeUndefined()
        }),
        { numRuns: 40 }
      )
    })
  }
})
