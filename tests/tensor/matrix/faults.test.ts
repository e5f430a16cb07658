/** The matrix finds a wrong compiler, and shrinks to a short program. */
import { rebuild, topological } from "@noema/tensor/graph"
import type { Graph, Node, Op } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { interpret } from "../../../packages/tensor/src/device/reference/interpret.ts"
import { judge } from "./check.ts"
import { allowance, program } from "./combinations.ts"

type Fault = (op: Op) => Op

const faults: Record<string, Fault> = {
  "takes means for maxima": (op) => (op.kind === "reduce" && op.fn === "max" ? { ...op, fn: "sum" } : op),
  "pads with zero whatever is asked": (op) => (op.kind === "pad" ? { ...op, value: 0 } : op),
  "forgets the second of two steps": (op) =>
    op.kind === "slice" ? { ...op, step: op.step.map((step, axis) => (axis === 1 && step > 0 ? 1 : step)) } : op,
  "adds where it should subtract": (op) => (op.kind === "binary" && op.fn === "sub" ? { ...op, fn: "add" } : op),
  "counts along the wrong axis": (op) => (op.kind === "iota" ? { ...op, axis: 0 } : op),
  "draws under the wrong key": (op) => (op.kind === "foldIn" && op.data !== null ? { ...op, data: op.data + 1 } : op)
}

const compileWith = (fault: Fault, graph: Graph): Graph => {
  const made = new Map<Node, Node>()
  for (const node of topological([...graph.inputs, ...graph.outputs])) {
    const inputs = node.inputs.map((input) => made.get(input)!)
    made.set(node, { ...rebuild(node, inputs), op: fault(node.op) })
  }
  return {
    inputs: graph.inputs.map((node) => made.get(node)!),
    outputs: graph.outputs.map((node) => made.get(node)!)
  }
}

it.each(Object.entries(faults))("a compiler that %s is found", (_, fault) => {
  const outcome = fc.check(
    fc.property(program(1, 30), (sample) => {
      const found = interpret(compileWith(fault, sample.graph), sample.inputs)
      expect(judge(sample, found, { tolerance: { ulps: 4, absolute: 0 }, allowance })).toBeNull()
    }),
    { numRuns: 500, seed: 1 }
  )
  expect(outcome.failed).toBe(true)
  const [shrunk] = outcome.counterexample!
  expect(topological(shrunk.graph.outputs).length).toBeLessThan(16)
})
