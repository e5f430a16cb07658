/**
 * Builders: the only place where nodes are made. They infer sizes and dtypes and assert what the typed DSL has already
 * checked; an `Error` thrown here is a defect of the caller, not a message for users.
 */
import {
  type BinaryFn,
  binaryTypes,
  type CompareFn,
  type Data,
  type DType,
  type Elementwise,
  type Node,
  type Note,
  type Op,
  type ReduceFn,
  type UnaryFn,
  unaryTypes
} from "./node.ts"
import { asDType } from "./number.ts"
import { domains } from "./threefry.ts"

let nextId = 0

const make = (op: Op, inputs: ReadonlyArray<Node>, sizes: ReadonlyArray<number>, dtype: DType): Node => ({
  id: nextId++,
  op,
  inputs,
  sizes,
  dtype
})

/** What lists numbers is written only where it is thrown: nodes are made by the ten thousand. */
const assert = (condition: boolean, what: string | (() => string), ...nodes: ReadonlyArray<Node>): void => {
  if (!condition) throw new Error(`${typeof what === "string" ? what : what()}: ${nodes.map(describe).join(", ")}`)
}

const takes = (types: ReadonlyArray<DType>, { dtype }: Node): boolean => types.includes(dtype)

const sameSizes = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a === b || (a.length === b.length && a.every((size, axis) => size === b[axis]))

/** What a node does, in a word. */
export const nameOf = ({ op }: Node): string =>
  "fn" in op ? (typeof op.fn === "string" ? op.fn : op.fn.name) : op.kind

/** `f32[2,3]`. */
export const describe = (node: Node): string => `${node.dtype}[${node.sizes.join(",")}]`

/** Number of elements. */
export const count = (sizes: ReadonlyArray<number>): number => sizes.reduce((product, size) => product * size, 1)

export const input = (name: string, sizes: ReadonlyArray<number>, dtype: DType): Node =>
  make({ kind: "input", name }, [], sizes, dtype)

/** The value is what the dtype holds of it, so that whoever reads it, folds it or prints it sees what devices see. */
export const scalar = (value: number, dtype: DType): Node =>
  make({ kind: "scalar", value: asDType(value, dtype) }, [], [], dtype)

export const constant = (data: Data, sizes: ReadonlyArray<number>, dtype: DType): Node => {
  if (data.length !== count(sizes)) throw new Error(`constant: ${data.length} values for [${sizes.join(",")}]`)
  return make({ kind: "constant", data }, [], sizes, dtype)
}

export const iota = (sizes: ReadonlyArray<number>, axis: number): Node => make({ kind: "iota", axis }, [], sizes, "i32")

export const unary = (fn: UnaryFn, x: Node): Node => {
  assert(takes(unaryTypes[fn], x), fn, x)
  return make({ kind: "unary", fn }, [x], x.sizes, x.dtype)
}

export const elementwise = (fn: Elementwise, x: Node): Node => {
  assert(x.dtype === "f32", fn.name, x)
  return make({ kind: "elementwise", fn }, [x], x.sizes, x.dtype)
}

export const binary = (fn: BinaryFn, a: Node, b: Node): Node => {
  assert(sameSizes(a.sizes, b.sizes) && a.dtype === b.dtype, fn, a, b)
  assert(takes(binaryTypes[fn], a), fn, a, b)
  return make({ kind: "binary", fn }, [a, b], a.sizes, a.dtype)
}

export const compare = (fn: CompareFn, a: Node, b: Node): Node => {
  assert(sameSizes(a.sizes, b.sizes) && a.dtype === b.dtype, fn, a, b)
  return make({ kind: "compare", fn }, [a, b], a.sizes, "bool")
}

export const select = (condition: Node, yes: Node, no: Node): Node => {
  assert(condition.dtype === "bool" && yes.dtype === no.dtype, "select", condition, yes, no)
  assert(sameSizes(condition.sizes, yes.sizes) && sameSizes(yes.sizes, no.sizes), "select", condition, yes, no)
  return make({ kind: "select" }, [condition, yes, no], yes.sizes, yes.dtype)
}

/** f32 -> i32 truncates toward zero and saturates (NaN gives 0); number -> bool means "not zero". */
export const cast = (x: Node, dtype: DType): Node =>
  x.dtype === dtype ? x : make({ kind: "cast" }, [x], x.sizes, dtype)

export const broadcast = (x: Node, sizes: ReadonlyArray<number>, axes: ReadonlyArray<number>): Node => {
  assert(
    axes.length === x.sizes.length && axes.every((to, axis) => x.sizes[axis] === 1 || x.sizes[axis] === sizes[to]),
    () => `broadcast to [${sizes.join(",")}] by [${axes.join(",")}]`,
    x
  )
  return make({ kind: "broadcast", axes }, [x], sizes, x.dtype)
}

export const reshape = (x: Node, sizes: ReadonlyArray<number>): Node => {
  assert(count(sizes) === count(x.sizes), () => `reshape to [${sizes.join(",")}]`, x)
  return sameSizes(sizes, x.sizes) ? x : make({ kind: "reshape" }, [x], sizes, x.dtype)
}

export const permute = (x: Node, order: ReadonlyArray<number>): Node => {
  assert(
    order.length === x.sizes.length && new Set(order).size === order.length,
    () => `permute [${order.join(",")}]`,
    x
  )
  return order.every((from, to) => from === to)
    ? x
    : make(
        { kind: "permute", order },
        [x],
        order.map((axis) => x.sizes[axis]!),
        x.dtype
      )
}

export const slice = (
  x: Node,
  start: ReadonlyArray<number>,
  sizes: ReadonlyArray<number>,
  step: ReadonlyArray<number> = start.map(() => 1)
): Node => {
  const inside = x.sizes.every((size, axis) => {
    const first = start[axis]!
    const last = first + (sizes[axis]! - 1) * step[axis]!
    return sizes[axis] === 0 || (first >= 0 && first < size && last >= 0 && last < size)
  })
  assert(inside, () => `slice from [${start.join(",")}] to sizes [${sizes.join(",")}]`, x)
  return make({ kind: "slice", start, step }, [x], sizes, x.dtype)
}

export const pad = (x: Node, low: ReadonlyArray<number>, high: ReadonlyArray<number>, value = 0): Node => {
  assert(low.every((n) => n >= 0) && high.every((n) => n >= 0), "pad", x)
  return make(
    { kind: "pad", low, high, value: asDType(value, x.dtype) },
    [x],
    x.sizes.map((size, axis) => size + low[axis]! + high[axis]!),
    x.dtype
  )
}

export const concat = (parts: ReadonlyArray<Node>, axis: number): Node => {
  const first = parts[0]!
  assert(
    parts.every((part) => part.dtype === first.dtype && part.sizes.every((n, i) => i === axis || n === first.sizes[i])),
    `concat on axis ${axis}`,
    ...parts
  )
  const total = parts.reduce((sum, part) => sum + part.sizes[axis]!, 0)
  return parts.length === 1 ? first : make({ kind: "concat", axis }, parts, first.sizes.with(axis, total), first.dtype)
}

export const reduce = (fn: ReduceFn, x: Node, axes: ReadonlyArray<number>): Node => {
  assert(x.dtype !== "bool", `reduce ${fn}`, x)
  return axes.length === 0
    ? x
    : make({ kind: "reduce", fn, axes: axes.toSorted((a, b) => a - b) }, [x], without(x.sizes, axes), x.dtype)
}

export const argmax = (x: Node, axis: number): Node => {
  assert(x.sizes[axis]! > 0, `argmax on axis ${axis}`, x)
  return make({ kind: "argmax", axis }, [x], without(x.sizes, [axis]), "i32")
}

export const dot = (
  a: Node,
  b: Node,
  batch: ReadonlyArray<readonly [number, number]>,
  contract: ReadonlyArray<readonly [number, number]>
): Node => {
  assert(
    a.dtype === "f32" && b.dtype === "f32" && [...batch, ...contract].every(([i, j]) => a.sizes[i] === b.sizes[j]),
    "dot",
    a,
    b
  )
  const pairs = [...batch, ...contract]
  return make(
    { kind: "dot", batch, contract },
    [a, b],
    [
      ...batch.map(([i]) => a.sizes[i]!),
      ...without(
        a.sizes,
        pairs.map(([i]) => i)
      ),
      ...without(
        b.sizes,
        pairs.map(([, j]) => j)
      )
    ],
    "f32"
  )
}

export const gather = (table: Node, index: Node): Node => {
  assert(index.dtype === "i32" && table.sizes.length > 0, "gather", table, index)
  return make({ kind: "gather" }, [table, index], [...index.sizes, ...table.sizes.slice(1)], table.dtype)
}

export const scatterAdd = (index: Node, updates: Node, rows: number): Node => {
  assert(
    index.dtype === "i32" && sameSizes(updates.sizes.slice(0, index.sizes.length), index.sizes),
    "scatterAdd",
    index,
    updates
  )
  const rest = updates.sizes.slice(index.sizes.length)
  return make({ kind: "scatterAdd", rows }, [index, updates], [rows, ...rest], updates.dtype)
}

export const put = (into: Node, part: Node, at: Node, axis: number): Node => {
  assert(
    part.dtype === into.dtype &&
      at.dtype === "i32" &&
      at.sizes.length === 0 &&
      sameSizes(off(part, axis), off(into, axis)),
    `put on axis ${axis}`,
    into,
    part,
    at
  )
  return make({ kind: "put", axis }, [into, part, at], into.sizes, into.dtype)
}

const off = ({ sizes }: Node, axis: number): ReadonlyArray<number> => sizes.toSpliced(axis, 1)

export const cumsum = (x: Node, axis: number): Node => make({ kind: "cumsum", axis }, [x], x.sizes, x.dtype)

export const uniform = (key: Node, sizes: ReadonlyArray<number>, domain: number = domains.uniform): Node => {
  assert(key.dtype === "i32" && sameSizes(key.sizes, [2]), "uniform", key)
  return make({ kind: "uniform", domain }, [key], sizes, "f32")
}

export const foldIn = (key: Node, data: number | Node, domain: number = domains.foldIn): Node => {
  assert(key.dtype === "i32" && sameSizes(key.sizes, [2]), "foldIn", key)
  return typeof data === "number"
    ? make({ kind: "foldIn", data, domain }, [key], [2], "i32")
    : make({ kind: "foldIn", data: null, domain }, [key, data], [2], "i32")
}

export const note = (note: Note, value: Node, refers: ReadonlyArray<Node> = []): Node =>
  make({ kind: "note", note }, [value, ...refers], value.sizes, value.dtype)

/**
 * The same operation on other inputs; used by graph transformations. A new node even where the inputs are the same, so
 * that the ids of a graph transformed in order still tell in which order its author made it.
 */
export const rebuild = (node: Node, inputs: ReadonlyArray<Node>): Node =>
  inputs.length === 0 ? node : make(node.op, inputs, node.sizes, node.dtype)

/** All nodes the outputs depend on, inputs before users. */
export const topological = (outputs: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const seen = new Set<Node>()
  const pending = [...outputs]
  while (pending.length > 0) {
    const node = pending.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) pending.push(input)
  }
  return byId([...seen])
}

/** Nodes of one graph were made one after the other: put in their places they are sorted without comparing any two. */
const byId = (nodes: Array<Node>): ReadonlyArray<Node> => {
  let [first, last] = [Infinity, -Infinity]
  for (const { id } of nodes) {
    first = Math.min(first, id)
    last = Math.max(last, id)
  }
  if (last - first > 4 * nodes.length) return nodes.sort((a, b) => a.id - b.id)
  const places = new Array<Node | undefined>(Math.max(0, last - first + 1))
  for (const node of nodes) places[node.id - first] = node
  return places.filter((node) => node !== undefined)
}

const without = (sizes: ReadonlyArray<number>, axes: ReadonlyArray<number>): ReadonlyArray<number> =>
  sizes.filter((_, axis) => !axes.includes(axis))
