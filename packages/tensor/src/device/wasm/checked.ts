/** Checked mode: the graph runs node by node on this device, and every value is looked at on the way. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as build from "../../graph/build.ts"
import type { Data, Graph, Node } from "../../graph/node.ts"
import type { DeviceBuffer, DeviceError, Executable } from "../device.ts"
import { check } from "../reference/checks.ts"
import { fromHost } from "../reference/value.ts"
import { compileGraph } from "./executable.ts"
import { failure, HeapBuffer, type Machine } from "./machine.ts"

/** The operation alone, its operands as inputs; equal operations give equal text. */
const alone = (node: Node): { readonly graph: Graph; readonly key: string } => {
  const inputs = node.inputs.map((input, i) => build.input(`operand ${i}`, input.sizes, input.dtype))
  const types = [...node.inputs, node].map(build.describe).join()
  return { graph: { inputs, outputs: [{ ...build.rebuild(node, inputs) }] }, key: JSON.stringify([node.op, types]) }
}

const isBuffer = (arg: Data | DeviceBuffer): arg is DeviceBuffer => !ArrayBuffer.isView(arg)

const hostData = (machine: Machine, arg: Data | DeviceBuffer, i: number): Data | DeviceError => {
  if (!isBuffer(arg)) return arg
  if (!(arg instanceof HeapBuffer) || arg.owner !== machine || arg.address === null)
    return failure(`argument ${i} is not a live buffer of this device`)
  return machine.heap.read(arg.address, arg.dtype, arg.length)
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
    for (const [i, node] of graph.inputs.entries()) {
      const data = hostData(machine, args[i]!, i)
      if ("_tag" in data) return yield* data
      const expected = build.count(node.sizes)
      if (data.length !== expected)
        return yield* failure(`argument ${i} has ${data.length} elements, the program expects ${expected}`)
      values.set(node, data)
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
