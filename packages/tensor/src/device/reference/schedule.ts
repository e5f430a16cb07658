/**
 * Kernels carried out one point at a time in float64: what `kernel/ir.ts` means, for tests of the fusion (against the
 * interpreter of the graph) and of the emitters (against this).
 */
import { foldKey, uniformAt } from "../../graph/threefry.ts"
import type { Affine, Expr, Kernel, KernelKind, KernelOf, Schedule, Store } from "../../kernel/ir.ts"
import type { Data, DType } from "../../graph/node.ts"
import { saturate } from "../../graph/number.ts"
import { binary, compare, unary } from "./elementwise.ts"
import { empty, fromHost, type Value } from "./value.ts"

/**
 * The outputs of a schedule.
 *
 * @example
 * const x = build.input("x", [2], "f32")
 * const schedule = Kernel.lower({ inputs: [x], outputs: [build.binary("add", x, x)] }, Kernel.wasmOptions)
 * Reference.runSchedule(schedule, [Float32Array.of(1, 2)]) // => [[2, 4]]
 */
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
 *
 * @example
 * const x = build.input("x", [2], "f32")
 * const { steps } = Kernel.lower({ inputs: [x], outputs: [build.binary("add", x, x)] }, Kernel.wasmOptions)
 * const values = [Float64Array.of(1, 2), new Float64Array(2)]
 * Reference.runKernel(steps[0].kernel, values)
 * values[1] // => [2, 4]
 */
export const runKernel = (kernel: Kernel, values: ReadonlyArray<Value>, round: Rounding = unrounded): void => {
  run(kernel.kind, kernel, { values, round })
}

const run = <K extends KernelKind>(kind: K, kernel: KernelOf<K>, params: Params): void => kinds[kind](kernel, params)

const kinds: { readonly [K in KernelKind]: (kernel: KernelOf<K>, params: Params) => void } = {
  loop: (kernel, params) =>
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
      const once = kernel.stores.filter(({ row }) => !row)
      store(kernel.exprs, once, [...point, ...kernel.row.map(() => 0)], params, reduced)
      const along = kernel.stores.filter(({ row }) => row)
      for (const index of rows) store(kernel.exprs, along, index, params, reduced)
    }),
  gemm: ({ a, b, batch, exprs, k, m, n, stores }, params) =>
    points([...batch, m, n], (index) => {
      const [row, column] = index.slice(batch.length) as [number, number]
      const start = (strides: ReadonlyArray<number>) => strides.reduce((sum, stride, i) => sum + stride * index[i]!, 0)
      const fromA = a.offset + start(a.batch) + row * a.rows
      const fromB = b.offset + start(b.batch) + column * b.columns
      let sum = 0
      for (let i = 0; i < k; i++)
        sum += params.values[a.buffer]![fromA + i * a.columns]! * params.values[b.buffer]![fromB + i * b.rows]!
      const product = new Map(exprs.flatMap(({ op }, id) => (op === "product" ? [[id, params.round(sum)]] : [])))
      store(exprs, stores, index, params, product)
    }),
  scan: ({ dtype, from, inner, length, outer, to }, { values }) =>
    points([outer, inner], ([i, j]) => {
      let sum = 0
      for (let at = 0; at < length; at++) {
        const place = (i! * length + at) * inner + j!
        sum = wrap(dtype, sum + values[from]![place]!)
        values[to]![place] = sum
      }
    }),
  scatterAdd: (kernel, { values }) => {
    const [index, updates, to] = [values[kernel.index]!, values[kernel.updates]!, values[kernel.to]!]
    to.fill(0)
    for (let i = 0; i < kernel.count; i++) {
      const row = index[i]!
      if (row < 0 || row >= kernel.rows) continue
      for (let j = 0; j < kernel.width; j++) to[row * kernel.width + j]! += updates[i * kernel.width + j]!
    }
  },
  put: ({ at, from, inner, into, length, outer, part, to }, { values }) => {
    if (values[to] !== values[into]) values[to]!.set(values[into]! as never)
    const start = values[at]![0]!
    points([outer, part, inner], ([i, j, k]) => {
      const cell = start + j!
      if (cell >= 0 && cell < length)
        values[to]![(i! * length + cell) * inner + k!] = values[from]![(i! * part + j!) * inner + k!]!
    })
  },
  foldIn: ({ data, domain, key, to }, { values }) => {
    const [k0, k1] = values[key]!
    const given = "buffer" in data ? values[data.buffer]![0]! : data.literal
    values[to]!.set(foldKey(k0!, k1!, given, domain))
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
      return rounded(params, expr.dtype, unary(expr.fn, expr.dtype)(of(expr.x)))
    case "binary":
      return rounded(params, expr.dtype, wrap(expr.dtype, binary(expr.fn, expr.dtype)(of(expr.a), of(expr.b))))
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
