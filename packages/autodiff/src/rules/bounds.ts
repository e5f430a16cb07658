/** What is known of the elements of an integer tensor before it is computed. */
import type { Data, Node, Op, OpKind } from "@noema/tensor/graph"

/** Whether every index is a row of a table of `rows`. */
export const isWithin = (index: Node, rows: number): boolean => {
  const { least, most } = bounds(index)
  return least >= 0 && most < rows
}

interface Bounds {
  readonly least: number
  readonly most: number
}

const unbounded: Bounds = { least: -Infinity, most: Infinity }

/** What is known of the smallest and the largest element of an integer tensor. */
export const bounds = (node: Node): Bounds => boundsOf(node, node.op)

const boundsOf = <K extends OpKind>(node: Node, op: Op<K>): Bounds => known[op.kind](node, op)

const ofData = (data: Data): Bounds => {
  const so = { least: Infinity, most: -Infinity }
  for (const value of data) [so.least, so.most] = [Math.min(so.least, value), Math.max(so.most, value)]
  return so
}

const nothing = (): Bounds => unbounded
const ofInput = ({ inputs: [x] }: Node): Bounds => bounds(x!)

const known: { readonly [K in OpKind]: (node: Node, op: Op<K>) => Bounds } = {
  input: nothing,
  scalar: (_, { value }) => ({ least: value, most: value }),
  constant: (_, { data }) => ofData(data),
  iota: ({ sizes }, { axis }) => ({ least: 0, most: sizes[axis]! - 1 }),
  unary: nothing,
  elementwise: nothing,
  binary: ({ inputs }, { fn }) => {
    if (fn !== "max" && fn !== "min") return unbounded
    const [a, b] = inputs.map(bounds) as [Bounds, Bounds]
    return { least: Math[fn](a.least, b.least), most: Math[fn](a.most, b.most) }
  },
  compare: nothing,
  select: nothing,
  cast: nothing,
  broadcast: ofInput,
  reshape: ofInput,
  permute: ofInput,
  slice: ofInput,
  pad: nothing,
  concat: nothing,
  reduce: nothing,
  argmax: ({ inputs: [x] }, { axis }) => ({ least: 0, most: x!.sizes[axis]! - 1 }),
  dot: nothing,
  gather: nothing,
  scatterAdd: nothing,
  put: nothing,
  cumsum: nothing,
  uniform: nothing,
  foldIn: nothing,
  note: nothing
}
