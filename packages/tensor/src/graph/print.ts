/** Graphs as text, one node a line, for `NOEMA_DEBUG=graph`. */
import { describe, topological } from "./build.ts"
import type { Graph, Op } from "./node.ts"
import { shortest } from "./number.ts"

export const printGraph = ({ outputs }: Graph): string => {
  const order = topological(outputs)
  const names = new Map(order.map((node, i) => [node, `%${i}`]))
  return [
    ...order.map((node) => {
      const args = node.inputs.map((input) => names.get(input)!).join(" ")
      return `${names.get(node)!} = ${printOp(node.op)}${args === "" ? "" : ` ${args}`} : ${describe(node)}`
    }),
    `return ${outputs.map((node) => names.get(node)!).join(" ")}`
  ].join("\n")
}

const printOp = (op: Op): string => {
  switch (op.kind) {
    case "input":
      return `input ${op.name}`
    case "scalar":
      return shortest(op.value)
    case "constant":
      return `constant(${op.data.length})`
    case "unary":
    case "binary":
    case "compare":
      return op.fn
    case "reduce":
      return `${op.fn} over [${op.axes.join(",")}]`
    case "note":
      return `note ${op.note.name}`
    default: {
      const { kind, ...rest } = op
      const details = Object.entries(rest).map(
        ([name, value]) => `${name}=${typeof value === "number" ? shortest(value) : JSON.stringify(value)}`
      )
      return [kind, ...details].join(" ")
    }
  }
}
