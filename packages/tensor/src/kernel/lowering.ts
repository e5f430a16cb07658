/**
 * What becomes of every primitive on the way from the graph to kernels, in one table: an expression in whatever kernel
 * reads it, a loop that reduces, a product, or a kernel of its own. Views disappear here: they only change the affine map by
 * which their input is read.
 */
import { count } from "../graph/build.ts"
import type { BinaryFn, Node, Op, OpKind, ReduceFn, UnaryFn } from "../graph/node.ts"
import { fixed, flatten, scale, shift } from "./affine.ts"
import type { Affine, Expr, ExprId, Kernel } from "./ir.ts"
import { reshapeIndex } from "./reshape-index.ts"

/** A node whose value must be in a buffer before the expansion can go on: thrown, and caught by the lowering. */
export class Materialise {
  readonly node: Node
  constructor(node: Node) {
    this.node = node
  }
}

/** One map for every axis of a node: where in the loops its element is. */
export type Index = ReadonlyArray<Affine>

/** The loops that an expression is made for. */
export interface Loops {
  readonly extents: ReadonlyArray<number>
  readonly stored: (node: Node) => boolean
  /** The expression of another node. */
  readonly at: (node: Node, index: Index) => ExprId
  readonly push: (expr: Expr) => ExprId
  readonly load: (node: Node, position: Affine) => ExprId
  /** `below()` where the map is less than `limit`, else `above()`; what is statically excluded is not built. */
  readonly within: (node: Node, a: Affine, limit: number, below: () => ExprId, above: () => ExprId) => ExprId
}

export type Lowering<K extends OpKind> =
  /** In a buffer before any kernel runs. */
  | { readonly as: "leaf" }
  | {
      readonly as: "expression"
      /** Work of one element, roughly in additions; 0 for a view. */
      readonly work: (op: Op<K>) => number
      /** How many inputs, from the first on, are read through buffers only. */
      readonly buffers: number
      readonly of: (loops: Loops, node: Node, index: Index, op: Op<K>) => ExprId
    }
  /** A loop over the input that leaves out `axes`. */
  | {
      readonly as: "reduction"
      readonly fn: (op: Op<K>) => ReduceFn | "argmax"
      readonly axes: (op: Op<K>) => ReadonlyArray<number>
    }
  /** `products.ts` makes it of strided views. */
  | { readonly as: "product" }
  /** All inputs are read through buffers; `of` gives the buffer of each. */
  | { readonly as: "kernel"; readonly of: (node: Node, op: Op<K>, buffer: (input: Node) => number) => Kernel }

const leaf = { as: "leaf" } as const

const expression = <K extends OpKind>(
  work: number | ((op: Op<K>) => number),
  of: (loops: Loops, node: Node, index: Index, op: Op<K>) => ExprId,
  buffers = 0
): Lowering<K> => ({ as: "expression", work: typeof work === "number" ? () => work : work, buffers, of })

const unaryWork: Record<UnaryFn, number> = {
  neg: 1,
  abs: 1,
  sign: 1,
  exp: 10,
  log: 10,
  sqrt: 10,
  rsqrt: 10,
  sin: 10,
  cos: 10,
  tanh: 10,
  erf: 10,
  sigmoid: 10,
  floor: 1,
  ceil: 1,
  round: 1,
  not: 1
}

const binaryWork: Record<BinaryFn, number> = {
  add: 1,
  sub: 1,
  mul: 1,
  div: 4,
  rem: 4,
  pow: 30,
  max: 1,
  min: 1,
  and: 1,
  or: 1
}

export const lowerings: { readonly [K in OpKind]: Lowering<K> } = {
  input: leaf,
  constant: leaf,
  scalar: expression(0, ({ push }, { dtype }, _, { value }) => push({ op: "literal", value, dtype })),
  iota: expression(0, ({ push }, _, index, { axis }) => push({ op: "index", at: index[axis]!, dtype: "i32" })),
  unary: expression(
    ({ fn }) => unaryWork[fn],
    ({ at, push }, { dtype, inputs: [x] }, index, { fn }) => push({ op: "unary", fn, x: at(x!, index), dtype })
  ),
  // Simplification writes it out; a kernel that was to have one operation has all that it is computed by.
  elementwise: expression(10, ({ at }, { inputs: [x] }, index, { fn }) => at(fn.computed(x!), index)),
  binary: expression(
    ({ fn }) => binaryWork[fn],
    ({ at, push }, { dtype, inputs: [a, b] }, index, { fn }) =>
      push({ op: "binary", fn, a: at(a!, index), b: at(b!, index), dtype })
  ),
  compare: expression(1, ({ at, push }, { inputs: [a, b] }, index, { fn }) =>
    push({ op: "compare", fn, a: at(a!, index), b: at(b!, index), dtype: "bool" })
  ),
  select: expression(1, ({ at, push }, { dtype, inputs: [condition, yes, no] }, index) =>
    push({ op: "select", condition: at(condition!, index), yes: at(yes!, index), no: at(no!, index), dtype })
  ),
  cast: expression(1, ({ at, push }, { dtype, inputs: [x] }, index) => push({ op: "cast", x: at(x!, index), dtype })),
  note: expression(0, ({ at }, { inputs: [x] }, index) => at(x!, index)),
  broadcast: expression(0, ({ at, extents }, { inputs: [x] }, index, { axes }) =>
    at(
      x!,
      axes.map((axis, i) => (x!.sizes[i] === 1 ? fixed(0, extents.length) : index[axis]!))
    )
  ),
  permute: expression(0, ({ at }, { inputs: [x] }, index, { order }) => {
    const inner = new Array<Affine>(index.length)
    order.forEach((from, to) => (inner[from] = index[to]!))
    return at(x!, inner)
  }),
  slice: expression(0, ({ at }, { inputs: [x] }, index, { start, step }) =>
    at(
      x!,
      index.map((component, axis) => shift(scale(component, step[axis]!), start[axis]!))
    )
  ),
  reshape: expression(0, ({ at, extents, load, stored }, { inputs: [x], sizes }, index) => {
    if (stored(x!)) return load(x!, flatten(index, sizes, extents.length))
    const inner = reshapeIndex(index, sizes, x!.sizes, extents)
    if (inner === null) throw new Materialise(x!)
    return at(x!, inner)
  }),
  pad: expression(1, ({ at, push, within }, node, index, { low, value }) => {
    const x = node.inputs[0]!
    const around = push({ op: "literal", value, dtype: node.dtype })
    const inner = index.map((component, axis) => shift(component, -low[axis]!))
    let id: ExprId | null = null
    for (let axis = 0; axis < index.length; axis++) {
      const start = low[axis]!
      const end = start + x.sizes[axis]!
      if (start === 0 && end === node.sizes[axis]) continue
      const before = id ?? at(x, inner)
      id = within(
        node,
        index[axis]!,
        end,
        () => before,
        () => around
      )
      if (start > 0) {
        const inside = id
        id = within(
          node,
          index[axis]!,
          start,
          () => around,
          () => inside
        )
      }
    }
    return id ?? at(x, inner)
  }),
  concat: expression(1, ({ at, within }, node, index, { axis }) => {
    const component = index[axis]!
    let end = node.sizes[axis]!
    let id: ExprId | null = null
    for (const part of node.inputs.toReversed()) {
      const start = end - part.sizes[axis]!
      if (start === end) continue
      const value = () => at(part, index.with(axis, shift(component, -start)))
      const rest: ExprId | null = id
      id = rest === null ? value() : within(node, component, end, value, () => rest)
      end = start
    }
    return id!
  }),
  gather: expression(
    2,
    ({ at, extents, push, stored }, { dtype, inputs: [table, rows] }, index) => {
      if (!stored(table!)) throw new Materialise(table!)
      const [extent, ...rest] = table!.sizes
      if (extent === 0) return push({ op: "literal", value: 0, dtype })
      const lead = rows!.sizes.length
      return push({
        op: "load",
        buffer: table!.id,
        at: flatten(index.slice(lead), rest, extents.length),
        rows: { index: at(rows!, index.slice(0, lead)), stride: count(rest), extent: extent! },
        dtype
      })
    },
    1
  ),
  uniform: expression(
    40,
    ({ extents, push, stored }, { inputs: [key], sizes }, index, { domain }) => {
      if (!stored(key!)) throw new Materialise(key!)
      const at = flatten(index, sizes, extents.length)
      return push({ op: "uniform", buffer: key!.id, at, domain, dtype: "f32" })
    },
    1
  ),
  reduce: { as: "reduction", fn: ({ fn }) => fn, axes: ({ axes }) => axes },
  argmax: { as: "reduction", fn: () => "argmax", axes: ({ axis }) => [axis] },
  dot: { as: "product" },
  cumsum: {
    as: "kernel",
    of: ({ dtype, id, inputs: [x], sizes }, { axis }, buffer) => ({
      kind: "scan",
      outer: count(sizes.slice(0, axis)),
      length: sizes[axis]!,
      inner: count(sizes.slice(axis + 1)),
      from: buffer(x!),
      to: id,
      dtype
    })
  },
  scatterAdd: {
    as: "kernel",
    of: ({ dtype, id, inputs: [index, updates], sizes }, { rows }, buffer) => ({
      kind: "scatterAdd",
      rows,
      width: count(sizes.slice(1)),
      count: count(index!.sizes),
      index: buffer(index!),
      updates: buffer(updates!),
      to: id,
      dtype
    })
  },
  put: {
    as: "kernel",
    of: ({ dtype, id, inputs: [into, part, at], sizes }, { axis }, buffer) => ({
      kind: "put",
      outer: count(sizes.slice(0, axis)),
      length: sizes[axis]!,
      inner: count(sizes.slice(axis + 1)),
      part: part!.sizes[axis]!,
      into: buffer(into!),
      from: buffer(part!),
      at: buffer(at!),
      to: id,
      dtype
    })
  },
  foldIn: {
    as: "kernel",
    of: ({ id, inputs: [key, data] }, op, buffer) => ({
      kind: "foldIn",
      key: buffer(key!),
      data: op.data === null ? { buffer: buffer(data!) } : { literal: op.data },
      domain: op.domain,
      to: id
    })
  }
}

/** How a node is lowered; `of` of another kind of node. */
export const loweringOf = <K extends OpKind>(op: Op<K>): Lowering<K> => lowerings[op.kind]
