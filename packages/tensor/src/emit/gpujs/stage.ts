/**
 * One step of a schedule as pieces that gpu.js can run one after the other: a piece has one output and at most one
 * level of reductions. Values handed from piece to piece get temporaries of their own.
 *
 * - several stores: one piece each;
 * - more arrays than gpu.js takes: parts of the expression first;
 * - a value along the row that needs a reduction of that row (softmax): the reduction first, then the row;
 * - a long row or a long product with few outputs: parts of it first, then the parts, so that there is work for many
 *   threads;
 * - a long running sum: sums of chunks, their running sum, then the elements (of a longer array where chunks do not fit);
 * - random numbers: drawn into a buffer first, because 32-bit integer arithmetic does not fit gpu.js's float values.
 */
import type { Expr, GemmKernel, LoopKernel, ScanKernel, Step, Store } from "../../kernel/ir.ts"
import { cutOf, parts, splitSum, type Fresh } from "./long.ts"
import { isNarrow, narrowed } from "./narrow.ts"
import { bareProduct, gemmLoop, scanLoop, scatterLoop } from "./loops.ts"
import { pruned, reachable, readdressed, rowMajor, size, type Piece } from "./rewrite.ts"

/** Uniform draws over the whole of `axes`, row-major: element p is draw number `at(p)` of the key. */
export interface Draw {
  readonly kind: "draw"
  readonly key: number
  readonly to: number
  readonly axes: ReadonlyArray<number>
  readonly at: { readonly offset: number; readonly strides: ReadonlyArray<number> }
}

export interface Fold {
  readonly kind: "fold"
  readonly key: number
  readonly data: { readonly literal: number } | { readonly buffer: number }
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

/** Longer running sums go by chunks. */
const longScan = 256

export const stage = (step: Step, fresh: Fresh): ReadonlyArray<Stage> => {
  const { args, kernel } = step
  switch (kernel.kind) {
    case "loop":
      return pieces({ kernel, args }, step.name, fresh)
    case "gemm":
      return products({ ...step, kernel }, fresh)
    case "scan":
      return scan(kernel, args, step.name, fresh)
    case "scatterAdd":
      return pieces({ kernel: scatterLoop(kernel), args }, step.name, fresh)
    case "foldIn":
      return [
        {
          kind: "fold",
          key: args[kernel.key]!,
          data: "literal" in kernel.data ? kernel.data : { buffer: args[kernel.data.buffer]! },
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
    stages.push({ kind: "draw", key: args[expr.buffer]!, to, axes, at })
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
          readdressed(expr, (at) => ({ ...at, strides: at.strides.slice(0, kernel.axes.length) }))
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

/** Chunks of a long axis: their sums, the running sum of those, then each element from the chunk before it. */
const scan = (kernel: ScanKernel, args: ReadonlyArray<number>, name: string, fresh: Fresh): ReadonlyArray<Stage> => {
  const { dtype, inner, length, outer } = kernel
  if (outer * length * inner === 0) return []
  if (length <= longScan) return [{ kind: "piece", ...pruned({ kernel: scanLoop(kernel), args }) }]
  const wanted = Math.round(Math.sqrt(length))
  const chunk = divisorNear(length, wanted)
  if (Math.max(chunk / wanted, wanted / chunk) > 4)
    return padded(kernel, args, Math.ceil(length / wanted) * wanted, name, fresh)
  const chunks = length / chunk
  const from = args[kernel.from]!
  const to = args[kernel.to]!
  const sums = fresh(dtype, outer * chunks * inner, `${name}.chunks`)
  const running = fresh(dtype, outer * chunks * inner, `${name}.running`)
  const at = (strides: ReadonlyArray<number>, offset = 0) => ({ offset, strides })
  const total: LoopKernel = {
    kind: "loop",
    axes: [outer * chunks, inner],
    row: [chunk],
    exprs: [
      { op: "load", buffer: 0, at: at([chunk * inner, 1, inner]), dtype },
      { op: "reduce", fn: "sum", x: 0, dtype }
    ],
    stores: [{ buffer: 1, at: at([inner, 1, 0]), value: 1, row: false }]
  }
  const local = scanLoop({ kind: "scan", outer: outer * chunks, length: chunk, inner, from: 0, to: 2, dtype })
  const sum = local.stores[0]!.value
  // Axes: outer, chunk, within the chunk, inner; the row is the chunk.
  const split = ([o, l, i, r]: ReadonlyArray<number>) => [o! * chunks, o!, l!, i!, r!]
  const elements: LoopKernel = {
    kind: "loop",
    axes: [outer, chunks, chunk, inner],
    row: [chunk],
    exprs: [
      ...local.exprs.map((expr) => readdressed(expr, (map) => at(split(map.strides), map.offset))),
      { op: "load", buffer: 1, at: at([chunks * inner, inner, 0, 1, 0], -inner), dtype },
      { op: "literal", value: 0, dtype },
      { op: "choose", axis: 1, at: 1, below: sum + 2, above: sum + 1, dtype },
      { op: "binary", fn: "add", a: sum, b: sum + 3, dtype }
    ],
    stores: [{ buffer: 2, at: at([length * inner, chunk * inner, inner, 1, 0]), value: sum + 4, row: false }]
  }
  return [
    { kind: "piece", ...pruned({ kernel: total, args: [from, sums] }) },
    ...scan({ kind: "scan", outer, length: chunks, inner, from: 0, to: 1, dtype }, [sums, running], name, fresh),
    { kind: "piece", ...pruned({ kernel: elements, args: [from, running, to] }) }
  ]
}

/** The running sum of a length that has no divisors to speak of, within that of a longer one. */
const padded = (
  kernel: ScanKernel,
  args: ReadonlyArray<number>,
  longer: number,
  name: string,
  fresh: Fresh
): ReadonlyArray<Stage> => {
  const { dtype, inner, length, outer } = kernel
  const [from, sums] = ["padded", "sums"].map((label) => fresh(dtype, outer * longer * inner, `${name}.${label}`))
  const dense = (extent: number) => ({ offset: 0, strides: rowMajor([outer, extent, inner]) })
  const longAxes = { kind: "loop", axes: [outer, longer, inner], row: [] } as const
  const pad: LoopKernel = {
    ...longAxes,
    exprs: [
      { op: "load", buffer: 0, at: dense(length), dtype },
      { op: "literal", value: 0, dtype },
      { op: "choose", axis: 1, at: length, below: 0, above: 1, dtype }
    ],
    stores: [{ buffer: 1, at: dense(longer), value: 2, row: false }]
  }
  const cut: LoopKernel = {
    ...longAxes,
    axes: [outer, length, inner],
    exprs: [{ op: "load", buffer: 0, at: dense(longer), dtype }],
    stores: [{ buffer: 1, at: dense(length), value: 0, row: false }]
  }
  return [
    { kind: "piece", kernel: pad, args: [args[kernel.from]!, from!] },
    ...scan({ ...kernel, from: 0, to: 1, length: longer }, [from!, sums!], name, fresh),
    { kind: "piece", kernel: cut, args: [sums!, args[kernel.to]!] }
  ]
}

/** The divisor of `n` closest to `wanted`. */
const divisorNear = (n: number, wanted: number): number => {
  let best = 1
  for (let divisor = 2; divisor <= n; divisor++)
    if (n % divisor === 0 && Math.abs(divisor - wanted) < Math.abs(best - wanted)) best = divisor
  return best
}
