/**
 * Long reductions with few results, cut so that there is work for many threads: parts of a row become one more parallel
 * axis, and a second kernel reduces over them. The sum of a product is cut in the same way.
 */
import type { DType } from "../../graph/node.ts"
import type { Expr, ExprId, GemmKernel, GemmOperand, LoopKernel } from "../../kernel/ir.ts"
import { withMap } from "../../kernel/operands.ts"
import { identity } from "./body.ts"
import { bareProduct, epilogueLoop } from "./loops.ts"
import { pruned, reachable, rowMajor, size, type Piece } from "./rewrite.ts"
import { tileFor } from "./wgsl/gemm.ts"

/** Makes a temporary and returns its buffer id. */
export type Fresh = (dtype: DType, length: number, label: string) => number

/** Rows at least this long are cut when there are fewer outputs than `manyOutputs`. */
const longRow = 1024
const manyOutputs = 8192
/** What is left of a long row for one thread. */
const partOfRow = 64

/** A thread of the tiled product computes so many elements at least, and a tile takes longer to set up. */
const tiledElements = 16
const partOfTiledSum = 256

/** How to cut a long row: axis `axis` of the row into `parts` parts of `turns` elements, the last of which may be shorter. */
export interface Cut {
  readonly axis: number
  readonly parts: number
  readonly turns: number
}

export const cutOf = (kernel: LoopKernel): Cut | null => {
  const length = size(kernel.row)
  const outputs = size(kernel.axes)
  if (length < longRow || outputs >= manyOutputs) return null
  const chosen = (axis: number): boolean =>
    kernel.exprs.some((expr) => expr.op === "choose" && expr.axis === kernel.axes.length + axis)
  const wanted = Math.min(length / partOfRow, Math.ceil((4 * manyOutputs) / outputs))
  let best: Cut | null = null
  kernel.row.forEach((extent, axis) => {
    if (chosen(axis)) return
    const turns = turnsOf(extent, wanted)
    const parts = Math.ceil(extent / turns)
    if (parts > (best?.parts ?? 1)) best = { axis, parts, turns }
  })
  return best
}

/** Elements of a part: all parts equal, unless that would give less than half of the parts wanted. */
const turnsOf = (extent: number, wanted: number): number => {
  const most = Math.min(extent, Math.floor(wanted))
  const even = divisorUpTo(extent, most)
  return 2 * even >= most ? extent / even : Math.ceil(extent / most)
}

const divisorUpTo = (n: number, most: number): number => {
  for (let divisor = Math.min(n, Math.floor(most)); divisor > 1; divisor--) if (n % divisor === 0) return divisor
  return 1
}

/** A reduction over a cut row: its parts as one more parallel axis, then a reduction over them. */
export const parts = (piece: Piece, id: ExprId, cut: Cut | null, name: string, fresh: Fresh): ReadonlyArray<Piece> => {
  const { args, kernel } = piece
  const reduce = kernel.exprs[id]!
  if (reduce.op !== "reduce") throw new Error(`expression ${id} is not a reduction`)
  const nested = [...reachable(kernel.exprs, reduce.x)].some((other) => kernel.exprs[other]!.op === "reduce")
  if (cut === null || nested) return [pruned(piece)]
  const rank = kernel.axes.length
  const axes = [...kernel.axes, cut.parts]
  const part = (exprs: ReadonlyArray<Expr>, to: number): LoopKernel => partial(kernel, cut, exprs, id, to)
  const whole = (buffer: number, dtype: DType): Expr => ({
    op: "load",
    buffer,
    at: { offset: 0, strides: rowMajor(axes) },
    dtype
  })
  const over = (exprs: ReadonlyArray<Expr>): LoopKernel => {
    const store = kernel.stores[0]!
    const at = { ...store.at, strides: [...store.at.strides.slice(0, rank), 0] }
    return {
      kind: "loop",
      axes: kernel.axes,
      row: [cut.parts],
      exprs,
      stores: [{ ...store, at, value: exprs.length - 1 }]
    }
  }
  if (reduce.fn !== "argmax") {
    const all = [...args, fresh(reduce.dtype, size(axes), `${name}.parts`)]
    const second = over([whole(args.length, reduce.dtype), { op: "reduce", fn: reduce.fn, x: 0, dtype: reduce.dtype }])
    return [
      { kernel: part(kernel.exprs, args.length), args: all },
      { kernel: second, args: all }
    ].map(pruned)
  }
  // Positions ascend from part to part only along the outermost axis.
  if (cut.axis !== 0) return [pruned(piece)]
  const { dtype } = kernel.exprs[reduce.x]!
  const largest = args.length
  const where = args.length + 1
  // Positions are kept as floats, which is what they are computed in: no bits of theirs are needed.
  const all = [...args, fresh(dtype, size(axes), `${name}.largest`), fresh("f32", size(axes), `${name}.where`)]
  const before = (cut.turns * size(kernel.row)) / kernel.row[0]!
  const strides = [...kernel.axes.map(() => 0), before, ...kernel.row.map(() => 0)]
  const values = part(kernel.exprs.with(id, { ...reduce, fn: "max", dtype }), largest)
  const positions = part(kernel.exprs, where)
  const last = positions.exprs.length
  const chosen = over([
    whole(largest, dtype),
    { op: "reduce", fn: "argmax", x: 0, dtype: "i32" },
    {
      op: "load",
      buffer: where,
      at: { offset: 0, strides: [...rowMajor(axes).slice(0, rank), 0] },
      dtype: "f32",
      rows: { index: 1, stride: 1, extent: cut.parts }
    }
  ])
  const shifted: LoopKernel = {
    ...positions,
    exprs: [
      ...positions.exprs,
      { op: "index", at: { offset: 0, strides }, dtype: "i32" },
      { op: "binary", fn: "add", a: positions.stores[0]!.value, b: last, dtype: "i32" }
    ],
    stores: [{ ...positions.stores[0]!, value: last + 1 }]
  }
  return [values, shifted, chosen].map((each) => pruned({ kernel: each, args: all }))
}

/**
 * The reduction `id` over parts of its row: axes are the parallel ones, the part, the row with the cut axis shortened.
 * Where the parts are not equal, the last one takes nothing into account beyond the row's end.
 */
const partial = (kernel: LoopKernel, cut: Cut, exprs: ReadonlyArray<Expr>, id: ExprId, to: number): LoopKernel => {
  const rank = kernel.axes.length
  const axes = [...kernel.axes, cut.parts]
  const strides = (old: ReadonlyArray<number>): ReadonlyArray<number> => [
    ...old.slice(0, rank),
    old[rank + cut.axis]! * cut.turns,
    ...old.slice(rank)
  ]
  const inParts = exprs.map((expr) => {
    const next = withMap(expr, (map) => ({ ...map, strides: strides(map.strides) }))
    return next.op === "choose" && next.axis >= rank ? { ...next, axis: next.axis + 1 } : next
  })
  const left = kernel.row[cut.axis]! - (cut.parts - 1) * cut.turns
  const value = left === cut.turns ? id : upTo(inParts, id, rank, cut, left)
  return {
    kind: "loop",
    axes,
    row: kernel.row.with(cut.axis, cut.turns),
    exprs: inParts,
    stores: [
      { buffer: to, at: { offset: 0, strides: [...rowMajor(axes), ...kernel.row.map(() => 0)] }, value, row: false }
    ]
  }
}

/** The reduction `id` with `left` elements in its last part, added to `exprs`. */
const upTo = (exprs: Array<Expr>, id: ExprId, rank: number, cut: Cut, left: number): ExprId => {
  const reduce = exprs[id]!
  if (reduce.op !== "reduce") throw new Error(`expression ${id} is not a reduction`)
  const { dtype } = exprs[reduce.x]!
  const add = (expr: Expr): ExprId => exprs.push(expr) - 1
  const nothing = add({ op: "literal", value: identity(reduce.fn, dtype), dtype })
  const last = { op: "choose", axis: rank + 1 + cut.axis, at: left, below: reduce.x, above: nothing, dtype } as const
  const x = add({ op: "choose", axis: rank, at: cut.parts - 1, below: reduce.x, above: add(last), dtype })
  return add({ ...reduce, x })
}

interface Product {
  readonly kernel: GemmKernel
  readonly args: ReadonlyArray<number>
}

/** A product with few elements and a long sum: products over parts of the sum, then their sum and the epilogue. */
export const splitSum = (
  { args, kernel }: Product,
  name: string,
  fresh: Fresh
): { readonly first: Product; readonly second: Piece } | null => {
  const outputs = size([...kernel.batch, kernel.m, kernel.n])
  const isTiled = tileFor(kernel) !== null
  const enough = isTiled ? manyOutputs * tiledElements : manyOutputs
  if (kernel.k < longRow || outputs >= enough) return null
  const count = divisorUpTo(
    kernel.k,
    Math.min(kernel.k / (isTiled ? partOfTiledSum : partOfRow), Math.ceil((4 * enough) / outputs))
  )
  if (count === 1) return null
  const k = kernel.k / count
  const batch = [count, ...kernel.batch]
  const axes = [...batch, kernel.m, kernel.n]
  const cut = (operand: GemmOperand, step: number): GemmOperand => ({
    ...operand,
    batch: [step * k, ...operand.batch]
  })
  const to = fresh("f32", size(axes), `${name}.parts`)
  const inParts: GemmKernel = {
    ...kernel,
    batch,
    k,
    a: cut(kernel.a, kernel.a.columns),
    b: cut(kernel.b, kernel.b.rows)
  }
  const [perPart, ...within] = rowMajor(axes)
  const sum: ReadonlyArray<Expr> = [
    { op: "load", buffer: args.length, at: { offset: 0, strides: [...within, perPart!] }, dtype: "f32" },
    { op: "reduce", fn: "sum", x: 0, dtype: "f32" }
  ]
  return {
    first: bareProduct(inParts, args, to),
    second: { kernel: epilogueLoop(kernel, sum, count), args: [...args, to] }
  }
}
