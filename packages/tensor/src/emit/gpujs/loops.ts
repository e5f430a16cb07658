/** Every kernel but a key derivation as a loop kernel: how gpu.js, which knows only threads and loops, computes it. */
import type {
  Affine,
  Expr,
  GemmKernel,
  GemmOperand,
  LoopKernel,
  ScanKernel,
  ScatterAddKernel,
  Store
} from "../../kernel/ir.ts"
import { withOperands } from "../../kernel/operands.ts"
import { readdressed, rowMajor } from "./rewrite.ts"

/** One thread per element of the product, a loop over k, then the epilogue. */
export const gemmLoop = (kernel: GemmKernel): LoopKernel => {
  const axes = [...kernel.batch, kernel.m, kernel.n]
  const operand = (from: GemmOperand, rows: number, columns: number, k: number): Expr => ({
    op: "load",
    buffer: from.buffer,
    at: { offset: from.offset, strides: [...from.batch, rows, columns, k] },
    dtype: "f32"
  })
  const sum: ReadonlyArray<Expr> = [
    operand(kernel.a, kernel.a.rows, 0, kernel.a.columns),
    operand(kernel.b, 0, kernel.b.columns, kernel.b.rows),
    { op: "binary", fn: "mul", a: 0, b: 1, dtype: "f32" },
    { op: "reduce", fn: "sum", x: 2, dtype: "f32" }
  ]
  const shifted = kernel.exprs.map((expr) => {
    if (expr.op === "product") return sum[3]!
    return readdressed(
      withOperands(expr, (id) => id + sum.length),
      (at) => ({ offset: at.offset, strides: [...at.strides, 0] })
    )
  })
  // `product` is the sum itself, not a second loop over k.
  const exprs = [...sum, ...shifted].map((expr) =>
    withOperands(expr, (id) => (kernel.exprs[id - sum.length]?.op === "product" ? 3 : id))
  )
  const value = (id: number): number => (kernel.exprs[id]!.op === "product" ? 3 : id + sum.length)
  return {
    kind: "loop",
    axes,
    row: [kernel.k],
    exprs,
    stores: kernel.stores.map((store): Store => ({
      ...store,
      row: false,
      at: { offset: store.at.offset, strides: [...store.at.strides, 0] },
      value: value(store.value)
    }))
  }
}

/** Element i is the sum of elements 0..i: quadratic in the length, so long scans are cut first (see `stage.ts`). */
export const scanLoop = (kernel: ScanKernel): LoopKernel => {
  const { dtype, from, inner, length, outer, to } = kernel
  const at = (strides: ReadonlyArray<number>): Affine => ({ offset: 0, strides })
  return {
    kind: "loop",
    axes: [outer, length, inner],
    row: [length],
    exprs: [
      { op: "index", at: at([0, 0, 0, 1]), dtype: "i32" },
      { op: "index", at: at([0, 1, 0, 0]), dtype: "i32" },
      { op: "compare", fn: "le", a: 0, b: 1, dtype: "bool" },
      { op: "load", buffer: from, at: at([length * inner, 0, 1, inner]), dtype },
      { op: "literal", value: 0, dtype },
      { op: "select", condition: 2, yes: 3, no: 4, dtype },
      { op: "reduce", fn: "sum", x: 5, dtype }
    ],
    stores: [{ buffer: to, at: at([length * inner, inner, 1, 0]), value: 6, row: false }]
  }
}

/** Gathered from the target's side: every element of the table looks through all updates for those of its row. */
export const scatterLoop = (kernel: ScatterAddKernel): LoopKernel => {
  const { count, dtype, index, rows, to, updates, width } = kernel
  const at = (strides: ReadonlyArray<number>): Affine => ({ offset: 0, strides })
  return {
    kind: "loop",
    axes: [rows, width],
    row: [count],
    exprs: [
      { op: "load", buffer: index, at: at([0, 0, 1]), dtype: "i32" },
      { op: "index", at: at([1, 0, 0]), dtype: "i32" },
      { op: "compare", fn: "eq", a: 0, b: 1, dtype: "bool" },
      { op: "load", buffer: updates, at: at([0, 1, width]), dtype },
      { op: "literal", value: 0, dtype },
      { op: "select", condition: 2, yes: 3, no: 4, dtype },
      { op: "reduce", fn: "sum", x: 5, dtype }
    ],
    stores: [{ buffer: to, at: at(rowMajor([rows, width]).concat(0)), value: 6, row: false }]
  }
}
