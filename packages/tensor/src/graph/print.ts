/** Graphs as text, one node a line, for `NOEMA_DEBUG=graph`. */
import { describe, topological } from "./build.ts"
import type { Graph, Op, OpKind } from "./node.ts"
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

/** Name and details, as they are declared. */
const plain = ({ kind, ...rest }: Op): string =>
  [
    kind,
    ...Object.entries(rest).map(
      ([name, value]) => `${name}=${typeof value === "number" ? shortest(value) : JSON.stringify(value)}`
    )
  ].join(" ")

const words: { readonly [K in OpKind]: (op: Op<K>) => string } = {
  input: ({ name }) => `input ${name}`,
  scalar: ({ value }) => shortest(value),
  constant: ({ data }) => `constant(${data.length})`,
  iota: plain,
  unary: ({ fn }) => fn,
  elementwise: ({ fn }) => fn.name,
  binary: ({ fn }) => fn,
  compare: ({ fn }) => fn,
  select: plain,
  cast: plain,
  broadcast: plain,
  reshape: plain,
  permute: plain,
  slice: plain,
  pad: plain,
  concat: plain,
  reduce: ({ fn, axes }) => `${fn} over [${axes.join(",")}]`,
  argmax: plain,
  dot: plain,
  gather: plain,
  scatterAdd: plain,
  put: plain,
  cumsum: plain,
  uniform: plain,
  foldIn: plain,
  note: ({ note }) => `note ${note.name}`
}

const printOp = <K extends OpKind>(op: Op<K>): string => words[op.kind](op)
