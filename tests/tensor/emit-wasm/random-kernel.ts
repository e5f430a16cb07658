/** Random loop kernels over long and short axes, with data to run them on. */
import * as fc from "fast-check"
import type { Kernel, Words } from "./run-wasm.ts"

type Loop = Extract<Kernel, { kind: "loop" }>
type Expr = Loop["exprs"][number]
type Affine = Loop["stores"][number]["at"]

export interface RandomKernel {
  readonly kernel: Loop
  readonly params: ReadonlyArray<Words>
}

const extent = fc.constantFrom<Array<number>>(1, 2, 3, 4, 5, 8, 13, 16, 21, 48, 70)

const product = (extents: ReadonlyArray<number>): number => extents.reduce((total, n) => total * n, 1)

export const randomKernel: fc.Arbitrary<RandomKernel> = fc
  .record({
    axes: fc.array(extent, { maxLength: 3 }),
    row: fc.array(extent, { maxLength: 2 }),
    empty: fc.nat({ max: 30 }),
    program: fc.array(fc.array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 12 }),
    stores: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
    seed: fc.nat()
  })
  .filter(({ axes, row }) => product(axes) * product(row) <= 6000)
  .map(({ axes, row, empty, program, stores, seed }) => {
    const [outer, inner] = empty === 0 && row.length > 0 ? [axes, row.with(0, 0)] : [axes, row]
    return new Builder(outer, inner, seed).build(program, stores)
  })

class Builder {
  private readonly extents: ReadonlyArray<number>
  private readonly exprs: Array<Expr> = []
  private readonly params: Array<Words> = []
  /** Whether the value is the same all along the row. */
  private readonly pointwise: Array<boolean> = []
  private readonly axes: ReadonlyArray<number>
  private readonly row: ReadonlyArray<number>
  private state: number

  constructor(axes: ReadonlyArray<number>, row: ReadonlyArray<number>, seed: number) {
    this.axes = axes
    this.row = row
    this.extents = [...axes, ...row]
    this.state = seed >>> 0
  }

  build(program: ReadonlyArray<ReadonlyArray<number>>, stores: ReadonlyArray<number>): RandomKernel {
    this.load(3, 1)
    for (const [kind, a, b, c, d] of program) this.add(kind!, a!, b!, c!, d!)
    const kept: Array<Loop["stores"][number]> = []
    for (const n of stores) {
      const value = this.exprs.length - 1 - (n % this.exprs.length)
      const row = this.row.length > 0 && !this.pointwise[value]! ? true : this.row.length > 0 && n % 2 === 1
      if (!row && !this.pointwise[value]!) continue
      const extents = row ? this.extents : this.axes
      const at = this.dense(n, extents)
      const words =
        this.exprs[value]!.dtype === "f32" ? new Float32Array(product(extents)) : new Int32Array(product(extents))
      kept.push({ buffer: this.params.push(words) - 1, at, value, row })
    }
    return {
      kernel: { kind: "loop", axes: this.axes, row: this.row, exprs: this.exprs, stores: kept },
      params: this.params
    }
  }

  private random(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return this.state / 2 ** 32
  }

  private push(expr: Expr, pointwise: boolean): number {
    this.pointwise.push(pointwise)
    return this.exprs.push(expr) - 1
  }

  private floats(length: number): Float32Array {
    const odd = this.random() < 0.1
    return Float32Array.from({ length }, () =>
      odd && this.random() < 0.02 ? NaN : Math.round((this.random() - 0.5) * 128) / 16
    )
  }

  /** A contiguous array over some of the axes, these in some order. */
  private dense(order: number, extents: ReadonlyArray<number>): Affine {
    const axes = extents.map((_, axis) => axis)
    if (order % 3 === 0) axes.reverse()
    else if (order % 3 === 1 && axes.length > 2) axes.push(axes.shift()!)
    const strides = this.extents.map(() => 0)
    let stride = 1
    for (const axis of axes.toReversed()) {
      strides[axis] = stride
      stride *= extents[axis]!
    }
    return { offset: 0, strides }
  }

  /** Loads walk some axes, forward or backward, contiguous or with gaps. */
  private load(walked: number, style: number, dtype: "f32" | "bool" = "f32"): number {
    const strides = this.extents.map(() => 0)
    let stride = style % 7 === 0 ? 2 : 1
    let offset = style % 5 === 0 ? 3 : 0
    let last = 0
    const axes = this.extents.map((_, axis) => axis)
    if (style % 4 === 0) axes.reverse()
    for (const axis of axes.toReversed()) {
      if (((walked >> axis) & 1) === 0 && style % 3 !== 0) continue
      const back = style % 11 === 0
      strides[axis] = back ? -stride : stride
      const reach = stride * Math.max(0, this.extents[axis]! - 1)
      if (back) offset += reach
      else last += reach
      stride *= Math.max(1, this.extents[axis]!)
    }
    const length = offset + last + 1
    const words =
      dtype === "f32" ? this.floats(length) : Int32Array.from({ length }, () => (this.random() < 0.5 ? 0 : 1))
    const buffer = this.params.push(words) - 1
    const pointwise = strides.slice(this.axes.length).every((step) => step === 0)
    return this.push({ op: "load", buffer, at: { offset, strides }, dtype }, pointwise)
  }

  private add(kind: number, a: number, b: number, c: number, d: number): void {
    const floats = this.exprs.flatMap((expr, id) => (expr.dtype === "f32" ? [id] : []))
    const pick = (n: number): number => floats[floats.length - 1 - (n % floats.length)]!
    const [x, y] = [pick(a), pick(b)]
    const both = this.pointwise[x]! && this.pointwise[y]!
    switch (kind % 12) {
      case 0:
      case 1:
        this.load(b, c)
        return
      case 2: {
        const fn = (["neg", "abs", "sigmoid", "tanh", "exp", "sqrt"] as const)[b % 6]!
        const low = this.push({ op: "literal", value: 4, dtype: "f32" }, true)
        const bounded = this.push({ op: "binary", fn: "min", a: x, b: low, dtype: "f32" }, this.pointwise[x]!)
        this.push({ op: "unary", fn, x: bounded, dtype: "f32" }, this.pointwise[x]!)
        return
      }
      case 3:
      case 4:
        this.push(
          { op: "binary", fn: (["add", "sub", "mul", "max", "min"] as const)[c % 5]!, a: x, b: y, dtype: "f32" },
          both
        )
        return
      case 5: {
        const condition = this.load(b, c, "bool")
        this.push({ op: "select", condition, yes: x, no: y, dtype: "f32" }, both && this.pointwise[condition]!)
        return
      }
      case 6:
      case 7: {
        if (this.row.length === 0) return
        // Only what was loaded: sums of large values would leave no digits to compare.
        const fn = (["sum", "max", "min", "argmax"] as const)[c % 4]!
        if (fn === "argmax" && this.row.includes(0)) return
        const from = fn === "argmax" ? this.exprs.findIndex(({ op }) => op === "load") : x
        if (fn !== "argmax") {
          this.push({ op: "reduce", fn, x: from, dtype: "f32" }, true)
          return
        }
        const id = this.push({ op: "reduce", fn, x: from, dtype: "i32" }, true)
        this.push({ op: "cast", x: id, dtype: "f32" }, true)
        return
      }
      case 8:
      case 9: {
        const long = this.extents.flatMap((n, axis) => (n > 1 ? [axis] : []))
        if (long.length === 0) return
        const axis = long[c % long.length]!
        const at = 1 + (d % (this.extents[axis]! - 1))
        this.push({ op: "choose", axis, at, below: x, above: y, dtype: "f32" }, both && axis < this.axes.length)
        return
      }
      case 10: {
        const rows = 1 + (c % 6)
        const reach = this.extents.map((_, axis) => ((b >> axis) & 1) * (axis + 1))
        const index = this.push(
          { op: "index", at: { offset: -1, strides: reach }, dtype: "i32" },
          reach.slice(this.axes.length).every((step) => step === 0)
        )
        const strides = this.extents.map((_, axis) => (axis === this.extents.length - 1 ? 1 : 0))
        const width = Math.max(1, this.extents.at(-1) ?? 1)
        const buffer = this.params.push(this.floats(rows * width)) - 1
        this.push(
          {
            op: "load",
            buffer,
            at: { offset: 0, strides },
            dtype: "f32",
            rows: { index, stride: width, extent: rows }
          },
          this.pointwise[index]! && this.row.length === 0
        )
        return
      }
      default: {
        const strides = this.extents.map((_, axis) => ((b >> axis) & 1) * (1 + (c % 3)))
        const pointwise = strides.slice(this.axes.length).every((step) => step === 0)
        if (d % 2 === 0) {
          const buffer = this.params.push(Int32Array.of(a, b)) - 1
          this.push({ op: "uniform", buffer, at: { offset: c, strides }, domain: c % 3, dtype: "f32" }, pointwise)
          return
        }
        const id = this.push({ op: "index", at: { offset: c % 5, strides }, dtype: "i32" }, pointwise)
        this.push({ op: "cast", x: id, dtype: "f32" }, pointwise)
      }
    }
  }
}
