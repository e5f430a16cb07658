/** Graph dots to gemm kernels: operands are strided views of stored values. */
import { count } from "../graph/build.ts"
import type { Node } from "../graph/node.ts"
import { contiguous, SplitAxis } from "./affine.ts"
import { coalesce } from "./axes.ts"
import { expansion } from "./expand.ts"
import type { Affine, GemmKernel, GemmOperand } from "./ir.ts"
import { Materialise } from "./lowering.ts"
import { nestIndex, split, splitNest, type Nest } from "./loops.ts"

/** The kernel of a dot, or `Materialise` for an operand that is not a strided view of something stored. */
export const gemmKernel = (node: Node, stored: (node: Node) => boolean): GemmKernel => {
  if (node.op.kind !== "dot") throw new Error("not a dot")
  const [a, b] = node.inputs as readonly [Node, Node]
  const { batch, contract } = node.op
  const free = (sizes: ReadonlyArray<number>, side: 0 | 1) =>
    sizes.flatMap((_, axis) => ([...batch, ...contract].some((pair) => pair[side] === axis) ? [] : [axis]))
  const freeA = free(a.sizes, 0)
  const freeB = free(b.sizes, 1)
  // One list of axes for both operands: batch, rows, columns, contraction.
  const sizes = [
    ...batch.map(([i]) => a.sizes[i]!),
    ...freeA.map((axis) => a.sizes[axis]!),
    ...freeB.map((axis) => b.sizes[axis]!),
    ...contract.map(([i]) => a.sizes[i]!)
  ]
  const rows = batch.length + freeA.length
  const columns = rows + freeB.length
  let nest = splitNest(sizes)
  for (;;) {
    try {
      const index = nestIndex(nest)
      const viewA = view(a, nest, stored, (axis) => {
        const i = batch.findIndex((pair) => pair[0] === axis)
        const j = contract.findIndex((pair) => pair[0] === axis)
        return index[i >= 0 ? i : j >= 0 ? columns + j : batch.length + freeA.indexOf(axis)]!
      })
      const viewB = view(b, nest, stored, (axis) => {
        const i = batch.findIndex((pair) => pair[1] === axis)
        const j = contract.findIndex((pair) => pair[1] === axis)
        return index[i >= 0 ? i : j >= 0 ? columns + j : rows + freeB.indexOf(axis)]!
      })
      return assemble(node, nest, [batch.length, rows, columns], viewA, viewB)
    } catch (request) {
      if (!(request instanceof SplitAxis)) throw request
      nest = split(nest, request)
    }
  }
}

interface View {
  readonly node: Node
  readonly buffer: number
  readonly at: Affine
}

const view = (node: Node, nest: Nest, stored: (node: Node) => boolean, index: (axis: number) => Affine): View => {
  const expanded = expansion(nest.extents, stored)
  const id = expanded.at(
    node,
    node.sizes.map((_, axis) => index(axis))
  )
  const load = expanded.exprs[id]!
  if (load.op !== "load" || load.rows !== undefined) throw new Materialise(node)
  return { node, buffer: load.buffer, at: load.at }
}

const assemble = (
  node: Node,
  nest: Nest,
  [batchGroups, rowGroups, columnGroups]: readonly [number, number, number],
  a: View,
  b: View
): GemmKernel => {
  const { extents, groups } = nest
  const starts = [0, batchGroups, rowGroups, columnGroups].map((group) => groups.slice(0, group).flat().length)
  const [, rowStart, columnStart, innerStart] = starts as [number, number, number, number]
  const outStrides = contiguous(extents.slice(0, innerStart))
  const out: Affine = { offset: 0, strides: extents.map((_, axis) => outStrides[axis] ?? 0) }
  const merged = coalesce(extents, [a.at, b.at, out], new Set(starts), new Set())
  const parts = (from: number, to: number) =>
    merged.filter((group) => group[0]! >= from && group[0]! < to && size(group) !== 1)
  const size = (group: ReadonlyArray<number>) => group.reduce((product, axis) => product * extents[axis]!, 1)
  const rows = parts(rowStart, columnStart)
  const columns = parts(columnStart, innerStart)
  const depth = count(extents.slice(innerStart))
  const inner = depth === 0 ? [] : parts(innerStart, extents.length)
  if (inner.length > 1) {
    // The contraction walks an operand in no constant stride: that operand is copied into order first.
    const straight = (at: Affine) =>
      inner.every(
        (group, i) => i === 0 || at.strides[inner[i - 1]!.at(-1)!] === at.strides[group.at(-1)!]! * size(group)
      )
    throw new Materialise(straight(a.at) ? b.node : a.node)
  }
  // Rows or columns that do not walk in one stride become batches, except the longest run of each.
  const longest = (candidates: ReadonlyArray<ReadonlyArray<number>>) =>
    candidates.reduce<ReadonlyArray<number> | null>(
      (best, group) => (best === null || size(group) > size(best) ? group : best),
      null
    )
  const m = longest(rows)
  const n = longest(columns)
  const k = inner[0] ?? null
  const batches = [
    ...parts(0, rowStart),
    ...rows.filter((group) => group !== m),
    ...columns.filter((group) => group !== n)
  ]
  const stride = (at: Affine, group: ReadonlyArray<number> | null) => (group === null ? 0 : at.strides[group.at(-1)!]!)
  const operand = (
    { buffer, at }: View,
    row: ReadonlyArray<number> | null,
    column: ReadonlyArray<number> | null
  ): GemmOperand => ({
    buffer,
    offset: at.offset,
    batch: batches.map((group) => stride(at, group)),
    rows: stride(at, row),
    columns: stride(at, column)
  })
  const extent = (group: ReadonlyArray<number> | null) => (group === null ? 1 : size(group))
  return {
    kind: "gemm",
    batch: batches.map(size),
    m: extent(m),
    n: extent(n),
    k: depth === 0 ? 0 : extent(k),
    a: operand(a, m, k),
    b: operand(b, k, n),
    exprs: [{ op: "product", dtype: "f32" }],
    stores: [
      {
        buffer: node.id,
        at: {
          offset: 0,
          strides: [...batches.map((group) => stride(out, group)), stride(out, m), stride(out, n)]
        },
        value: 0,
        row: false
      }
    ]
  }
}
