/** Every kernel but a key derivation as a loop kernel: how gpu.js, which knows only threads and loops, computes it. */
import type {
  Affine,
  Expr,
  GemmKernel,
  GemmOperand,
  LoopKernel,
  PutKernel,
  ScanKernel,
  ScatterAddKernel,
  Store
} from "../../kernel/ir.ts"
import { withMap, withOperands } from "../../kernel/operands.ts"
import { rowMajor } from "./rewrite.ts"

/** One thread per element of the product, a loop over k, then the epilogue. */
export const gemmLoop = (kernel: GemmKernel): LoopKernel => {
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
  return epilogueLoop(kernel, sum, kernel.k)
}

/** The product alone, stored whole in buffer `to`; its parameters are the operands and the result, nothing else. */
export const bareProduct = (
  kernel: GemmKernel,
  args: ReadonlyArray<number>,
  to: number
): { readonly kernel: GemmKernel; readonly args: ReadonlyArray<number> } => {
  const used = [...new Set([kernel.a.buffer, kernel.b.buffer])]
  const own = (operand: GemmOperand): GemmOperand => ({ ...operand, buffer: used.indexOf(operand.buffer) })
  const at = { offset: 0, strides: rowMajor([...kernel.batch, kernel.m, kernel.n]) }
  return {
    kernel: {
      ...kernel,
      a: own(kernel.a),
      b: own(kernel.b),
      exprs: [{ op: "product", dtype: "f32" }],
      stores: [{ buffer: used.length, at, value: 0, row: false }]
    },
    args: [...used.map((param) => args[param]!), to]
  }
}

/** The epilogue of a product whose elements are the last of `sum`, over a row of `length`. */
export const epilogueLoop = (kernel: GemmKernel, sum: ReadonlyArray<Expr>, length: number): LoopKernel => {
  const product = sum.length - 1
  const shifted = kernel.exprs.map((expr) => {
    if (expr.op === "product") return sum[product]!
    return withMap(
      withOperands(expr, (id) => id + sum.length),
      (at) => ({ offset: at.offset, strides: [...at.strides, 0] })
    )
  })
  // `product` is the sum itself, not a second loop.
  const exprs = [...sum, ...shifted].map((expr) =>
    withOperands(expr, (id) => (kernel.exprs[id - sum.length]?.op === "product" ? product : id))
  )
  const value = (id: number): number => (kernel.exprs[id]!.op === "product" ? product : id + sum.length)
  return {
    kind: "loop",
    axes: [...kernel.batch, kernel.m, kernel.n],
    row: [length],
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

/** Every element of the whole looks whether the part covers it. */
export const putLoop = (kernel: PutKernel): LoopKernel => {
  const { dtype, from, inner, into, length, outer, part, to } = kernel
  const at = (strides: ReadonlyArray<number>): Affine => ({ offset: 0, strides })
  const whole = at([length * inner, inner, 1])
  const old: Expr = { op: "load", buffer: into, at: whole, dtype }
  const covered: ReadonlyArray<Expr> = [
    { op: "load", buffer: kernel.at, at: at([0, 0, 0]), dtype: "i32" },
    { op: "index", at: at([0, 1, 0]), dtype: "i32" },
    { op: "binary", fn: "sub", a: 1, b: 0, dtype: "i32" },
    { op: "literal", value: 0, dtype: "i32" },
    { op: "literal", value: part, dtype: "i32" },
    { op: "compare", fn: "le", a: 3, b: 2, dtype: "bool" },
    { op: "compare", fn: "lt", a: 2, b: 4, dtype: "bool" },
    { op: "binary", fn: "and", a: 5, b: 6, dtype: "bool" },
    { op: "load", buffer: from, at: at([part * inner, 0, 1]), rows: { index: 2, stride: inner, extent: part }, dtype },
    old,
    { op: "select", condition: 7, yes: 8, no: 9, dtype }
  ]
  const exprs = part === 0 ? [old] : covered
  return {
    kind: "loop",
    axes: [outer, length, inner],
    row: [],
    exprs,
    stores: [{ buffer: to, at: whole, value: exprs.length - 1, row: false }]
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
