/** Checked mode: the graph runs node by node on this device, and every value is looked at on the way. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as build from "../../graph/build.ts"
import type { Data, Graph, Node } from "../../graph/node.ts"
import type { DeviceBuffer, DeviceError, Executable } from "../device.ts"
import { check } from "../reference/checks.ts"
import { fromHost } from "../reference/value.ts"
import { compileGraph } from "./executable.ts"
import { failure, type HeapBuffer, type Machine } from "./machine.ts"
import { isBuffer, unusable } from "./run.ts"

/** The operation alone, its operands as inputs; equal operations give equal text. */
const alone = (node: Node): { readonly graph: Graph; readonly key: string } => {
  const inputs = node.inputs.map((input, i) => build.input(`operand ${i}`, input.sizes, input.dtype))
  const types = [...node.inputs, node].map(build.describe).join()
  // JSON has no infinities and no negative zero.
  const exact = (_: string, value: unknown) =>
    typeof value === "number" ? (Object.is(value, -0) ? "-0" : String(value)) : value
  return {
    graph: { inputs, outputs: [build.rebuild(node, inputs)] },
    key: JSON.stringify([node.op, types], exact)
  }
}

const hostData = (machine: Machine, arg: Data | DeviceBuffer, node: Node, i: number): Data | DeviceError => {
  const expected = { dtype: node.dtype, length: build.count(node.sizes) }
  if (isBuffer(arg)) {
    const wrong = unusable(machine, arg, `argument ${i}`, expected)
    return wrong ?? machine.heap.read((arg as HeapBuffer).address!, arg.dtype, arg.length)
  }
  return arg.length === expected.length
    ? arg
    : failure(`argument ${i} has ${arg.length} elements, the program expects ${expected.length}`)
}

export const compileChecked = Effect.fnUntraced(function* (
  machine: Machine,
  graph: Graph
): Effect.fn.Return<Executable, DeviceError, Scope.Scope> {
  const order = build.topological(graph.outputs).filter(({ op }) => op.kind !== "input")
  const programs = new Map<string, Executable>()
  const steps: Array<{ readonly node: Node; readonly program: Executable }> = []
  for (const node of order) {
    if (node.op.kind === "constant") continue
    const operation = alone(node)
    const program = programs.get(operation.key) ?? (yield* compileGraph(machine, operation.graph))
    programs.set(operation.key, program)
    steps.push({ node, program })
  }

  const run: Executable["run"] = Effect.fnUntraced(function* (args, into) {
    const values = new Map<Node, Data>()
    if (args.length !== graph.inputs.length)
      return yield* failure(`expected ${graph.inputs.length} arguments, found ${args.length}`)
    for (const [i, node] of graph.inputs.entries()) {
      const data = hostData(machine, args[i]!, node, i)
      if ("_tag" in data) return yield* data
      values.set(node, data)
    }
    for (const [j, node] of graph.outputs.entries()) {
      const target = into[j] ?? null
      const expected = { dtype: node.dtype, length: build.count(node.sizes) }
      const wrong = target === null ? null : unusable(machine, target, `result ${j}`, expected)
      if (wrong !== null) return yield* wrong
    }
    for (const node of order) if (node.op.kind === "constant") values.set(node, node.op.data)
    for (const { node, program } of steps) {
      const operands = node.inputs.map((input) => values.get(input)!)
      const [value] = yield* program.run(operands, [null])
      values.set(node, value!)
      const wrong = check(
        node,
        fromHost(value!, node.dtype),
        operands.map((operand, i) => fromHost(operand, node.inputs[i]!.dtype))
      )
      if (wrong !== null) return yield* wrong
    }
    const results = graph.outputs.map((node) => values.get(node)!)
    return results.map((value, j) => {
      const target = into[j]
      if (target == null) return value.slice()
      const { address, dtype } = target as HeapBuffer
      machine.heap.write(address!, dtype, value)
      return null
    })
  })

  return {
    plannedBytes: Math.max(0, ...[...programs.values()].map((program) => program.plannedBytes)),
    kernels: { run: steps.length, compiled: programs.size },
    run
  }
})
