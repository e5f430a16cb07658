/**
 * One step of a schedule as pieces that gpu.js can run one after the other: a piece has one output and at most one
 * level of reductions. Values handed from piece to piece get temporaries of their own.
 *
 * - several stores: one piece each;
 * - more arrays than gpu.js takes: parts of the expression first;
 * - a value along the row that needs a reduction of that row (softmax): the reduction first, then the row;
 * - a long row or a long product with few outputs: parts of it first, then the parts, so that there is work for many
 *   threads;
 * - a long running sum: by chunks;
 * - random numbers: drawn into a buffer first, because 32-bit integer arithmetic does not fit gpu.js's float values.
 */
import type { Expr, GemmKernel, LoopKernel, Step, Store } from "../../kernel/ir.ts"
import { withMap } from "../../kernel/operands.ts"
import { cutOf, parts, splitSum, type Fresh } from "./long.ts"
import { isNarrow, narrowed } from "./narrow.ts"
import { bareProduct, gemmLoop, putLoop, scatterLoop } from "./loops.ts"
import { pruned, reachable, rowMajor, size, type Piece } from "./rewrite.ts"
import { runningSum } from "./running-sum.ts"

/** Uniform draws over the whole of `axes`, row-major: element p is draw number `at(p)` of the key in a domain. */
export interface Draw {
  readonly kind: "draw"
  readonly key: number
  readonly to: number
  readonly axes: ReadonlyArray<number>
  readonly at: { readonly offset: number; readonly strides: ReadonlyArray<number> }
  readonly domain: number
}

export interface Fold {
  readonly kind: "fold"
  readonly key: number
  readonly data: { readonly literal: number } | { readonly buffer: number }
  readonly domain: number
  readonly to: number
}

/** A product that may run as a tiled kernel; `plain` is the same as a loop. */
export interface Product {
  readonly kind: "product"
  readonly kernel: GemmKernel
  readonly args: ReadonlyArray<number>
  readonly plain: Piece
}

export type Stage = Draw | Fold | Product | ({ readonly kind: "piece" } & Piece)

export const stage = (step: Step, fresh: Fresh): ReadonlyArray<Stage> => {
  const { args, kernel } = step
  switch (kernel.kind) {
    case "loop":
      return pieces({ kernel, args }, step.name, fresh)
    case "gemm":
      return products({ ...step, kernel }, fresh)
    case "scan":
      return runningSum({ kernel, args }, step.name, fresh).map((piece): Stage => ({ kind: "piece", ...piece }))
    case "scatterAdd":
      return pieces({ kernel: scatterLoop(kernel), args }, step.name, fresh)
    case "put":
      return pieces({ kernel: putLoop(kernel), args }, step.name, fresh)
    case "foldIn":
      return [
        {
          kind: "fold",
          key: args[kernel.key]!,
          data: "literal" in kernel.data ? kernel.data : { buffer: args[kernel.data.buffer]! },
          domain: kernel.domain,
          to: args[kernel.to]!
        }
      ]
  }
}

const isLive = (kernel: LoopKernel): boolean => {
  const store = kernel.stores[0]!
  return size(store.row ? [...kernel.axes, ...kernel.row] : kernel.axes) > 0
}

const pieces = (whole: Piece, name: string, fresh: Fresh): ReadonlyArray<Stage> =>
  whole.kernel.stores.flatMap((store) => {
    const single = { kernel: { ...whole.kernel, stores: [store] }, args: whole.args }
    if (!isLive(single.kernel)) return []
    const drawn = draws(pruned(single), name, fresh)
    return [
      ...drawn.stages,
      ...reductions(drawn.rest, name, fresh)
        .flatMap((piece) => narrowed(piece, name, fresh))
        .map((piece): Stage => ({ kind: "piece", ...piece }))
    ]
  })

/** Reads of `uniform` become loads of buffers drawn before. */
const draws = (
  { args, kernel }: Piece,
  name: string,
  fresh: Fresh
): { readonly stages: ReadonlyArray<Draw>; readonly rest: Piece } => {
  const extents = [...kernel.axes, ...kernel.row]
  const stages: Array<Draw> = []
  const more = [...args]
  const exprs = kernel.exprs.map((expr): Expr => {
    if (expr.op !== "uniform") return expr
    // One draw for every value of the axes that the counter depends on.
    const varying = extents.flatMap((_, axis) => (expr.at.strides[axis] === 0 ? [] : [axis]))
    const axes = varying.map((axis) => extents[axis]!)
    const to = fresh("f32", size(axes), `${name}.uniform`)
    const at = { offset: expr.at.offset, strides: varying.map((axis) => expr.at.strides[axis]!) }
    stages.push({ kind: "draw", key: args[expr.buffer]!, to, axes, at, domain: expr.domain })
    more.push(to)
    const strides = extents.map(() => 0)
    varying.forEach((axis, i) => (strides[axis] = rowMajor(axes)[i]!))
    return { op: "load", buffer: more.length - 1, at: { offset: 0, strides }, dtype: "f32" }
  })
  return stages.length === 0
    ? { stages, rest: { kernel, args } }
    : { stages, rest: pruned({ kernel: { ...kernel, exprs }, args: more }) }
}

/** Reductions that need a piece of their own, in order, then what is left. */
const reductions = (piece: Piece, name: string, fresh: Fresh): ReadonlyArray<Piece> => {
  const { kernel } = piece
  const store = kernel.stores[0]!
  const live = reachable(kernel.exprs, store.value)
  const reduces = kernel.exprs.flatMap((expr, id) => (expr.op === "reduce" && live.has(id) ? [id] : []))
  const cut = cutOf(kernel)
  if (reduces.length === 0 || (!store.row && cut === null && isNarrow(piece))) return [piece]
  const result: Array<Piece> = []
  const args = [...piece.args]
  let exprs: ReadonlyArray<Expr> = kernel.exprs
  const along = { offset: 0, strides: [...rowMajor(kernel.axes), ...kernel.row.map(() => 0)] }
  for (const id of reduces) {
    const direct = id === store.value && !store.row
    const { dtype } = exprs[id]!
    const to = direct ? store.buffer : args.push(fresh(dtype, size(kernel.axes), `${name}.reduced`)) - 1
    const own: Store = direct ? store : { buffer: to, at: along, value: id, row: false }
    result.push(...parts({ kernel: { ...kernel, exprs, stores: [own] }, args: [...args] }, id, cut, name, fresh))
    if (direct) return result
    exprs = exprs.with(id, { op: "load", buffer: to, at: along, dtype })
  }
  const rest: LoopKernel = store.row
    ? { ...kernel, exprs }
    : {
        ...kernel,
        row: [],
        exprs: exprs.map((expr) =>
          withMap(expr, (at) => ({ ...at, strides: at.strides.slice(0, kernel.axes.length) }))
        ),
        stores: [{ ...store, at: { ...store.at, strides: store.at.strides.slice(0, kernel.axes.length) } }]
      }
  return [...result, pruned({ kernel: rest, args })]
}

const products = (step: Step & { readonly kernel: GemmKernel }, fresh: Fresh): ReadonlyArray<Stage> => {
  const { kernel, name } = step
  const axes = [...kernel.batch, kernel.m, kernel.n]
  if (size(axes) === 0) return []
  const split = splitSum({ kernel, args: step.args }, name, fresh)
  if (split !== null) return [product(split.first), ...pieces(split.second, name, fresh)]
  const simple = kernel.stores.length === 1 && kernel.exprs.every((expr) => expr.op !== "uniform")
  const whole = product({ kernel, args: step.args })
  if (simple && isNarrow(whole.plain)) return [whole]
  // The product first, then everything that is made of it.
  const to = fresh("f32", size(axes), `${name}.product`)
  const bare = bareProduct(kernel, step.args, to)
  const rest: LoopKernel = {
    kind: "loop",
    axes,
    row: [],
    exprs: kernel.exprs.map((expr) =>
      expr.op === "product"
        ? { op: "load", buffer: step.args.length, at: { offset: 0, strides: rowMajor(axes) }, dtype: "f32" }
        : expr
    ),
    stores: kernel.stores
  }
  return [product(bare), ...pieces({ kernel: rest, args: [...step.args, to] }, name, fresh)]
}

const product = ({ args, kernel }: Pick<Product, "args" | "kernel">): Product => ({
  kind: "product",
  kernel,
  args,
  plain: pruned({ kernel: gemmLoop(kernel), args })
})
