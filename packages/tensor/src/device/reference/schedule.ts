/**
 * Kernels carried out one point at a time in float64: what `kernel/ir.ts` means, for tests of the fusion (against the
 * interpreter of the graph) and of the emitters (against this).
 */
import { foldKey, uniformAt } from "../../graph/threefry.ts"
import type { Affine, Expr, Kernel, Schedule, Store } from "../../kernel/ir.ts"
import type { Data, DType } from "../../graph/node.ts"
import { saturate } from "../../graph/number.ts"
import { boolBinary, boolUnary, compare, floatBinary, floatUnary, intBinary, intUnary } from "./elementwise.ts"
import { empty, fromHost, type Value } from "./value.ts"

/** The outputs of a schedule. */
export const runSchedule = (schedule: Schedule, inputs: ReadonlyArray<Data>): ReadonlyArray<Value> => {
  const { buffers, steps } = schedule
  const values = buffers.map((buffer) => empty(buffer.dtype, buffer.length))
  for (const buffer of buffers) {
    if (buffer.data !== undefined) values[buffer.id] = fromHost(buffer.data, buffer.dtype)
  }
  schedule.inputs.forEach((id, i) => {
    if (id >= 0) values[id] = fromHost(inputs[i]!, buffers[id]!.dtype)
  })
  for (const step of steps) {
    runKernel(
      step.kernel,
      step.args.map((id) => values[id]!)
    )
  }
  return schedule.outputs.map((id) => values[id]!)
}

interface Params {
  readonly values: ReadonlyArray<Value>
  readonly round: Rounding
}

/** What becomes of every f32 that is computed. */
export type Rounding = (value: number) => number

const unrounded: Rounding = (value) => value

/**
 * Runs one kernel on its parameters, in place. Where these are f32 words, `round` is `Math.fround`: a value is then the same
 * whether another kernel stored it or this one computes it again.
 */
export const runKernel = (kernel: Kernel, values: ReadonlyArray<Value>, round: Rounding = unrounded): void => {
  const params: Params = { values, round }
  switch (kernel.kind) {
    case "loop":
      points(kernel.axes, (point) => {
        const rows: Array<ReadonlyArray<number>> = []
        points(kernel.row, (row) => rows.push([...point, ...row]))
        const reduced = new Map<number, number>()
        kernel.exprs.forEach((expr, id) => {
          if (expr.op !== "reduce") return
          const values = rows.map((index) => evaluate(kernel.exprs, expr.x, index, params, reduced))
          reduced.set(id, rounded(params, expr.dtype, reduce(expr, values)))
        })
        // A row of no points still stores what does not move along it.
        store(
          kernel.exprs,
          kernel.stores.filter(({ row }) => !row),
          [...point, ...kernel.row.map(() => 0)],
          params,
          reduced
        )
        for (const index of rows)
          store(
            kernel.exprs,
            kernel.stores.filter(({ row }) => row),
            index,
            params,
            reduced
          )
      })
      return
    case "gemm": {
      const { a, b, batch, exprs, k, m, n, stores } = kernel
      points([...batch, m, n], (index) => {
        const [row, column] = index.slice(batch.length) as [number, number]
        const start = (strides: ReadonlyArray<number>) =>
          strides.reduce((sum, stride, i) => sum + stride * index[i]!, 0)
        const fromA = a.offset + start(a.batch) + row * a.rows
        const fromB = b.offset + start(b.batch) + column * b.columns
        let sum = 0
        for (let i = 0; i < k; i++)
          sum += params.values[a.buffer]![fromA + i * a.columns]! * params.values[b.buffer]![fromB + i * b.rows]!
        store(
          exprs,
          stores,
          index,
          params,
          new Map(exprs.flatMap(({ op }, id) => (op === "product" ? [[id, params.round(sum)]] : [])))
        )
      })
      return
    }
    case "scan": {
      const { from, inner, length, outer, to } = kernel
      points([outer, inner], ([i, j]) => {
        let sum = 0
        for (let at = 0; at < length; at++) {
          const place = (i! * length + at) * inner + j!
          sum = kernel.dtype === "i32" ? (sum + params.values[from]![place]!) | 0 : sum + params.values[from]![place]!
          params.values[to]![place] = sum
        }
      })
      return
    }
    case "scatterAdd": {
      params.values[kernel.to]!.fill(0)
      for (let i = 0; i < kernel.count; i++) {
        const row = params.values[kernel.index]![i]!
        if (row < 0 || row >= kernel.rows) continue
        for (let j = 0; j < kernel.width; j++) {
          params.values[kernel.to]![row * kernel.width + j]! += params.values[kernel.updates]![i * kernel.width + j]!
        }
      }
      return
    }
    case "put": {
      const { at, from, inner, into, length, outer, part, to } = kernel
      if (params.values[to] !== params.values[into]) params.values[to]!.set(params.values[into]! as never)
      const start = params.values[at]![0]!
      points([outer, part, inner], ([i, j, k]) => {
        const cell = start + j!
        if (cell >= 0 && cell < length)
          params.values[to]![(i! * length + cell) * inner + k!] = params.values[from]![(i! * part + j!) * inner + k!]!
      })
      return
    }
    case "foldIn": {
      const [k0, k1] = params.values[kernel.key]!
      const data = "buffer" in kernel.data ? params.values[kernel.data.buffer]![0]! : kernel.data.literal
      params.values[kernel.to]!.set(foldKey(k0!, k1!, data, kernel.domain))
    }
  }
}

const store = (
  exprs: ReadonlyArray<Expr>,
  stores: ReadonlyArray<Store>,
  index: ReadonlyArray<number>,
  params: Params,
  known: ReadonlyMap<number, number>
): void => {
  const values = stores.map(({ value }) => evaluate(exprs, value, index, params, known))
  stores.forEach(({ at, buffer }, i) => {
    params.values[buffer]![position(at, index)] = values[i]!
  })
}

/** Only what is asked for is evaluated, so the side of a `choose` that is not taken never loads. */
const evaluate = (
  exprs: ReadonlyArray<Expr>,
  id: number,
  index: ReadonlyArray<number>,
  params: Params,
  known: ReadonlyMap<number, number>
): number => {
  const expr = exprs[id]!
  const of = (other: number): number => evaluate(exprs, other, index, params, known)
  switch (expr.op) {
    case "literal":
      return expr.value
    case "load": {
      const { rows } = expr
      const row = rows === undefined ? 0 : Math.max(0, Math.min(rows.extent - 1, of(rows.index))) * rows.stride
      const value = params.values[expr.buffer]![position(expr.at, index) + row]
      if (value === undefined) throw new Error(`load of parameter ${expr.buffer} out of bounds at [${index.join(",")}]`)
      return value
    }
    case "index":
      return position(expr.at, index)
    case "unary":
      return rounded(params, expr.dtype, tables(expr.dtype).unary[expr.fn]!(of(expr.x)))
    case "binary":
      return rounded(params, expr.dtype, wrap(expr.dtype, tables(expr.dtype).binary[expr.fn]!(of(expr.a), of(expr.b))))
    case "compare":
      return compare[expr.fn](of(expr.a), of(expr.b)) ? 1 : 0
    case "select":
      return of(expr.condition) !== 0 ? of(expr.yes) : of(expr.no)
    case "cast": {
      const value = of(expr.x)
      return expr.dtype === "i32" ? saturate(value) : expr.dtype === "bool" ? (value !== 0 ? 1 : 0) : value
    }
    case "choose":
      return index[expr.axis]! < expr.at ? of(expr.below) : of(expr.above)
    case "uniform":
      return uniformAt(
        params.values[expr.buffer]![0]!,
        params.values[expr.buffer]![1]!,
        position(expr.at, index),
        expr.domain
      )
    case "reduce":
    case "product":
      return known.get(id)!
  }
}

const reduce = (expr: Extract<Expr, { op: "reduce" }>, values: ReadonlyArray<number>): number => {
  if (expr.fn === "argmax") {
    const nan = values.findIndex(Number.isNaN)
    return nan >= 0 ? nan : values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity))
  }
  const whole = expr.dtype === "i32"
  if (expr.fn === "sum") return values.reduce((a, b) => wrap(expr.dtype, a + b), 0)
  const least = whole ? -(2 ** 31) : -Infinity
  const most = whole ? 2 ** 31 - 1 : Infinity
  return expr.fn === "max"
    ? values.reduce((a, b) => Math.max(a, b), least)
    : values.reduce((a, b) => Math.min(a, b), most)
}

const tables = (dtype: DType): { readonly unary: typeof intUnary; readonly binary: typeof intBinary } =>
  dtype === "f32"
    ? { unary: floatUnary, binary: floatBinary }
    : dtype === "i32"
      ? { unary: intUnary, binary: intBinary }
      : { unary: boolUnary, binary: boolBinary }

const rounded = ({ round }: Params, dtype: DType, value: number): number => (dtype === "f32" ? round(value) : value)

const wrap = (dtype: DType, value: number): number => (dtype === "i32" ? value | 0 : value)

const position = ({ offset, strides }: Affine, index: ReadonlyArray<number>): number =>
  strides.reduce((sum, stride, axis) => sum + stride * index[axis]!, offset)

/** Every multi-index below `extents`, in row-major order; once with the empty index for no axes. */
const points = (extents: ReadonlyArray<number>, visit: (index: ReadonlyArray<number>) => void): void => {
  const index = extents.map(() => 0)
  const step = (axis: number): void => {
    if (axis === extents.length) return visit(index)
    for (index[axis] = 0; index[axis]! < extents[axis]!; index[axis]!++) step(axis + 1)
    index[axis] = 0
  }
  step(0)
}
