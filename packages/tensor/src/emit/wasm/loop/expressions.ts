/** Expressions of a kernel to vector instructions, each computed at the outermost loop where it can be. */
import { operands } from "../../../kernel/operands.ts"
import type { Affine, Expr, ExprId, Store } from "../../../kernel/ir.ts"
import { f32, f32x4, i32, i32x4, v128 } from "../assembler.ts"
import type { FunctionBuilder, I32, Lane, Local, V128 } from "../assembler.ts"
import { binary, cast, compare, limit, unary } from "../elementwise.ts"
import { expOfNonPositive } from "../math/exp.ts"
import { uniform } from "../math/threefry.ts"
import { Vectors } from "../vectors.ts"
import type { Arithmetic, Lanes } from "../vectors.ts"
import { bit } from "./analysis.ts"
import type { Analysis } from "./analysis.ts"
import { Scopes } from "./scope.ts"
import type { Track } from "./scope.ts"

export interface Options extends Arithmetic {
  /** Whether the engine joins pairs of vector operations into wider ones. */
  readonly wide: boolean
}

/** What an emitter of expressions works on. */
export interface Formulas {
  readonly exprs: ReadonlyArray<Expr>
  readonly analysis: Analysis
  readonly vectorAxis: number
}

/** Where the row of a product lies that an epilogue works on; whoever opens the row says so. */
export const productKey = "product"

const trackKey = (buffer: number | string, at: Affine): string => `${buffer}:${at.offset}:${at.strides.join()}`

/**
 * Holds the state of emission: which axes have an index (`bound`), which side of every `choose` is taken (`segments`),
 * and how many vectors and lanes are worked on together.
 */
export class Expressions {
  readonly body: FunctionBuilder
  readonly v: Vectors
  readonly scopes = new Scopes()
  readonly options: Options
  readonly exprs: ReadonlyArray<Expr>
  readonly analysis: Analysis
  readonly vectorAxis: number
  bound = 0
  width = 1
  lanes = 4
  /** Where the loops over axes with a `choose` are confined to for now. */
  readonly segments = new Map<number, readonly [number, number]>()
  /** Values that lie in scratch, written there by an earlier pass. */
  readonly saved = new Map<ExprId, Track>()
  private readonly buffers: ReadonlyArray<Local<"i32">>

  constructor(
    body: FunctionBuilder,
    { exprs, analysis, vectorAxis }: Formulas,
    buffers: ReadonlyArray<Local<"i32">>,
    options: Options
  ) {
    this.body = body
    this.v = new Vectors(body, options)
    this.exprs = exprs
    this.analysis = analysis
    this.vectorAxis = vectorAxis
    this.buffers = buffers
    this.options = options
  }

  /** What is computed in the body is not known after it. */
  within(body: () => void): void {
    this.body.scoped(() => this.scopes.within(body), { forget: this.options.wide })
  }

  /** Computes now, for the loops inside, whatever the values need that is already determined. */
  hoist(roots: ReadonlyArray<ExprId>): void {
    const computable = new Map<ExprId, boolean>()
    const isComputable = (id: ExprId): boolean => {
      const known = computable.get(id)
      if (known !== undefined) return known
      const expr = this.exprs[id]!
      const result =
        this.scopes.value(id) !== undefined ||
        (!this.saved.has(id) &&
          expr.op !== "reduce" &&
          expr.op !== "product" &&
          (this.analysis.varies[id]! & ~this.bound) === 0 &&
          this.operandsTaken(id).every(isComputable))
      computable.set(id, result)
      return result
    }
    const seen = new Set<ExprId>()
    const visit = (id: ExprId): void => {
      if (seen.has(id)) return
      seen.add(id)
      if (isComputable(id)) {
        this.value(id)
        return
      }
      if (this.saved.has(id) || this.exprs[id]!.op === "reduce") return
      for (const argument of this.operandsTaken(id)) visit(argument)
      this.hoistRowOffset(id)
      const divisor = this.normaliser(id)
      if (divisor !== null && this.scopes.value(divisor) !== undefined) this.reciprocal(divisor)
    }
    roots.forEach(visit)
  }

  /** Everything that moves with the loops and is still needed for the values. */
  tracks(roots: ReadonlyArray<ExprId>): Map<string, Track> {
    const found = new Map<string, Track>()
    const seen = new Set<ExprId>()
    const visit = (id: ExprId): void => {
      if (seen.has(id) || this.scopes.value(id) !== undefined) return
      seen.add(id)
      const saved = this.saved.get(id)
      const expr = this.exprs[id]!
      const track = saved ?? this.trackOf(expr)
      if (track !== null) found.set(track.key, track)
      if (saved !== undefined || expr.op === "reduce") return
      // Of a choice not made yet either side may come.
      const next = expr.op === "choose" && !this.segments.has(expr.axis) ? operands(expr) : this.operandsTaken(id)
      next.forEach(visit)
    }
    roots.forEach(visit)
    return found
  }

  storeTrack(store: Store): Track {
    return this.bufferTrack(store.buffer, store.at)
  }

  /** The local that holds where a track stands now. */
  place(track: Track): Local<"i32"> {
    return this.scopes.place(track.key) ?? this.body.once(i32.add(track.origin, track.scale * track.at.offset))
  }

  value(id: ExprId): Lanes {
    const known = this.scopes.value(id)
    if (known !== undefined) return known
    const saved = this.saved.get(id)
    const value = saved === undefined ? this.compute(id) : this.loadVectors(saved, 0)
    this.scopes.current.values.set(id, value)
    return value
  }

  /** Whether the value is a product of two float32 values that nothing else needs: it may be fused into a sum. */
  factors(id: ExprId): readonly [ExprId, ExprId] | null {
    const expr = this.exprs[id]!
    const fusable =
      this.options.relaxed &&
      expr.op === "binary" &&
      expr.fn === "mul" &&
      expr.dtype === "f32" &&
      this.analysis.uses[id] === 1 &&
      !this.saved.has(id) &&
      this.scopes.value(id) === undefined
    return fusable ? [expr.a, expr.b] : null
  }

  /** Writes a value at the current points of the vector axis, as it is stored in buffers. */
  store(store: Store): void {
    const dtype = this.exprs[store.value]!.dtype
    const value = this.value(store.value)
    const stored = dtype === "bool" ? this.v.apply(v128.and, value, this.v.i32(1)) : value
    const address = this.place(this.storeTrack(store))
    const stride = (this.bound & bit(this.vectorAxis)) === 0 ? 0 : store.at.strides[this.vectorAxis]!
    for (let u = 0; u < (stride === 0 ? 1 : this.width); u++) {
      const vector = stored[stored.length === 1 ? 0 : u]!
      if (stride === 1 && this.lanes === 4) {
        this.body.store(address, vector, 16 * u)
        continue
      }
      for (let lane = 0; lane < (stride === 0 ? 1 : this.lanes); lane++) {
        const { base, offset } = displaced(address, 4 * stride * (4 * u + lane))
        this.body.storeLane(base, vector, lane as Lane, offset)
      }
    }
  }

  /** Writes the current vectors of a value to its place in scratch. */
  keep(id: ExprId, track: Track): void {
    const value = this.value(id)
    const address = this.place(track)
    for (let u = 0; u < this.width; u++) this.body.store(address, value[value.length === 1 ? 0 : u]!, 16 * u)
  }

  /** An affine function of the indices, in every lane its own. */
  index(track: Track): Lanes {
    const stride = this.along(track.at)
    const base = [this.body.let(i32x4.splat(this.place(track)))]
    if (stride === 0) return base
    const steps = Array.from({ length: this.width }, (_, u) =>
      this.body.once(
        i32x4.const(...([0, 1, 2, 3].map((lane) => stride * (4 * u + lane)) as [number, number, number, number]))
      )
    )
    return this.v.apply(i32x4.add, base, steps)
  }

  private operandsTaken(id: ExprId): ReadonlyArray<ExprId> {
    const expr = this.exprs[id]!
    if (expr.op !== "choose") return operands(expr)
    const side = this.sideOf(expr)
    return side === null ? [] : [side]
  }

  private sideOf(expr: Extract<Expr, { op: "choose" }>): ExprId | null {
    const segment = this.segments.get(expr.axis)
    if (segment === undefined) return null
    return segment[1] <= expr.at ? expr.below : expr.above
  }

  private trackOf(expr: Expr): Track | null {
    switch (expr.op) {
      case "load":
        return this.bufferTrack(expr.buffer, expr.at)
      case "index":
      case "uniform":
        return { key: trackKey("index", expr.at), origin: i32.const(0), at: expr.at, scale: 1 }
      case "product":
        return this.trackOfProduct
      case "literal":
      case "unary":
      case "binary":
      case "compare":
      case "select":
      case "cast":
      case "choose":
      case "reduce":
        return null
    }
  }

  /** In an epilogue: the element of the product, contiguous along the last axis, which is the vector axis. */
  get trackOfProduct(): Track {
    const strides = [...new Array<number>(this.vectorAxis).fill(0), 1]
    return { key: productKey, origin: i32.const(0), at: { offset: 0, strides }, scale: 4 }
  }

  private bufferTrack(buffer: number, at: Affine): Track {
    return { key: trackKey(buffer, at), origin: this.buffers[buffer]!, at, scale: 4 }
  }

  /** The step from one point of the vector axis to the next, 0 while the axis has no index yet. */
  private along(at: Affine): number {
    return (this.bound & bit(this.vectorAxis)) === 0 ? 0 : at.strides[this.vectorAxis]!
  }

  private compute(id: ExprId): Lanes {
    const { v } = this
    const expr = this.exprs[id]!
    switch (expr.op) {
      case "literal":
        return expr.dtype === "f32"
          ? v.f32(expr.value)
          : v.i32(expr.dtype === "bool" ? (expr.value === 0 ? 0 : -1) : expr.value)
      case "load":
        return this.load(id, expr)
      case "index":
        return this.index(this.trackOf(expr)!)
      case "uniform": {
        const key = this.buffers[expr.buffer]!
        const word = (offset: number): Lanes => [this.body.once(v128.load32Splat(key, offset))]
        return uniform(v, word(0), word(4), this.index(this.trackOf(expr)!), expr.domain)
      }
      case "product":
        return this.loadVectors(this.trackOfProduct, 1)
      case "unary":
        return expr.fn === "exp" && this.belowOwnMax(expr.x)
          ? expOfNonPositive(v, this.value(expr.x))
          : unary(v, expr.fn, expr.dtype, this.value(expr.x))
      case "binary":
        return this.binary(id, expr)
      case "compare":
        return compare(v, expr.fn, this.exprs[expr.a]!.dtype, this.value(expr.a), this.value(expr.b))
      case "select":
        return v.select(this.value(expr.condition), this.value(expr.yes), this.value(expr.no))
      case "cast":
        return cast(v, this.exprs[expr.x]!.dtype, expr.dtype, this.value(expr.x))
      case "choose":
        return this.value(this.sideOf(expr)!)
      case "reduce":
        throw new Error("a reduction is used before its pass over the row")
    }
  }

  /** Whether the value is a row less its own largest, as in softmax. */
  private belowOwnMax(id: ExprId): boolean {
    const expr = this.exprs[id]!
    if (expr.op !== "binary" || expr.fn !== "sub") return false
    const largest = this.exprs[expr.b]!
    return largest.op === "reduce" && largest.fn === "max" && largest.x === expr.a
  }

  private binary(id: ExprId, expr: Extract<Expr, { op: "binary" }>): Lanes {
    const { v } = this
    const { fn, dtype } = expr
    if (dtype === "f32" && (fn === "max" || fn === "min")) {
      const isBound = (id: ExprId): boolean => {
        const other = this.exprs[id]!
        return other.op === "literal" && !Number.isNaN(other.value)
      }
      if (isBound(expr.b)) return limit(v, fn, this.value(expr.a), this.value(expr.b))
      if (isBound(expr.a)) return limit(v, fn, this.value(expr.b), this.value(expr.a))
    }
    if (dtype === "f32" && fn === "add") {
      const left = this.factors(expr.a)
      if (left !== null) return v.madd(this.value(left[0]), this.value(left[1]), this.value(expr.b))
    }
    if (dtype === "f32" && (fn === "add" || fn === "sub")) {
      const right = this.factors(expr.b)
      if (right !== null) {
        const [a, b, c] = [this.value(right[0]), this.value(right[1]), this.value(expr.a)]
        return fn === "add" ? v.madd(a, b, c) : v.nmadd(a, b, c)
      }
    }
    const divisor = this.normaliser(id)
    if (divisor !== null) return v.mul(this.value(expr.a), this.reciprocal(divisor))
    return binary(v, fn, dtype, this.value(expr.a), this.value(expr.b))
  }

  /**
   * The divisor of a row's values by something reduced from the row, as in softmax. With relaxed arithmetic its
   * reciprocal is taken once and multiplied with, which is within 1.5 ulp of the quotient.
   */
  private normaliser(id: ExprId): ExprId | null {
    const expr = this.exprs[id]!
    if (!this.options.relaxed || expr.op !== "binary" || expr.fn !== "div" || expr.dtype !== "f32") return null
    const { varies, waits } = this.analysis
    return waits[expr.b]! > 0 && (varies[expr.a]! & ~varies[expr.b]!) !== 0 ? expr.b : null
  }

  private reciprocal(divisor: ExprId): Lanes {
    const known = this.scopes.reciprocal(divisor)
    if (known !== undefined) return known
    const result = this.v.div(this.v.f32(1), this.value(divisor))
    this.scopes.current.reciprocals.set(divisor, result)
    return result
  }

  private load(id: ExprId, expr: Extract<Expr, { op: "load" }>): Lanes {
    const words = expr.rows === undefined ? this.plainLoad(expr) : this.gather(id, expr, expr.rows)
    return expr.dtype === "bool" ? this.v.apply(i32x4.ne, words, this.v.i32(0)) : words
  }

  private plainLoad(expr: Extract<Expr, { op: "load" }>): Lanes {
    return this.loadVectors(this.trackOf(expr)!, this.along(expr.at))
  }

  /** Rows picked by an index: one row for all lanes, or a row for each. */
  private gather(id: ExprId, expr: Extract<Expr, { op: "load" }>, rows: NonNullable<typeof expr.rows>): Lanes {
    if (rows.extent === 0) return this.v.i32(0)
    const track = this.trackOf(expr)!
    const stride = this.along(expr.at)
    const index = this.value(rows.index)
    if ((this.analysis.varies[rows.index]! & this.bound & bit(this.vectorAxis)) === 0) {
      const address = this.body.let(i32.add(this.place(track), this.rowOffset(id, rows)))
      return this.vectorsAt(address, stride)
    }
    const { v } = this
    const offsets = v.apply(
      (i) =>
        i32x4.mul(
          i32x4.minS(i32x4.maxS(i, i32x4.const(0)), i32x4.const(rows.extent - 1)),
          i32x4.const(4 * rows.stride)
        ),
      index
    )
    const addresses = v.apply((offset) => i32x4.add(offset, i32x4.splat(this.place(track))), offsets)
    return Array.from({ length: this.width }, (_, u) =>
      this.gatherLanes((lane) => ({
        base: i32x4.extractLane(addresses[addresses.length === 1 ? 0 : u]!, lane),
        by: 4 * stride * (4 * u + lane)
      }))
    )
  }

  private hoistRowOffset(id: ExprId): void {
    const expr = this.exprs[id]!
    if (expr.op !== "load" || expr.rows === undefined || expr.rows.extent === 0) return
    if (this.scopes.value(expr.rows.index) === undefined || this.scopes.rowOffset(id) !== undefined) return
    if ((this.analysis.varies[expr.rows.index]! & bit(this.vectorAxis)) === 0) this.rowOffset(id, expr.rows)
  }

  private rowOffset(id: ExprId, rows: { index: ExprId; stride: number; extent: number }): Local<"i32"> {
    const known = this.scopes.rowOffset(id)
    if (known !== undefined) return known
    const clamped = i32x4.minS(i32x4.maxS(this.value(rows.index)[0]!, i32x4.const(0)), i32x4.const(rows.extent - 1))
    const offset = this.body.let(i32.mul(i32x4.extractLane(clamped, 0), 4 * rows.stride))
    this.scopes.current.rowOffsets.set(id, offset)
    return offset
  }

  /** `stride` 0 with a track of scratch means whole vectors too: see `saved`. */
  private loadVectors(track: Track, stride: number): Lanes {
    const address = this.place(track)
    if (track.key.startsWith("scratch")) return this.wholeVectors(address)
    return this.vectorsAt(address, stride)
  }

  private wholeVectors(address: Local<"i32">): Lanes {
    return Array.from({ length: this.width }, (_, u) => this.body.let(v128.load(address, 16 * u)))
  }

  private vectorsAt(address: Local<"i32">, stride: number): Lanes {
    if (stride === 0) return [this.body.let(v128.load32Splat(address))]
    if (stride === 1 && this.lanes === 4) return this.wholeVectors(address)
    if (stride === 1) return [this.body.let(firstWords(address, this.lanes))]
    return Array.from({ length: this.width }, (_, u) =>
      this.gatherLanes((lane) => ({ base: address, by: 4 * stride * (4 * u + lane) }))
    )
  }

  private gatherLanes(at: (lane: Lane) => { readonly base: I32; readonly by: number }): Local<"v128"> {
    const from = (lane: Lane) => displaced(at(lane).base, at(lane).by)
    const first = from(0)
    let vector: V128 = v128.load32Zero(first.base, first.offset)
    for (let lane = 1 as Lane; lane < this.lanes; lane++) {
      const { base, offset } = from(lane)
      // Engines that join vectors take a replaced lane for a leaf, but not a lane loaded in place.
      vector = this.options.wide
        ? f32x4.replaceLane(vector, lane, f32.load(base, offset))
        : v128.load32Lane(base, lane, vector, offset)
    }
    return this.body.let(vector)
  }
}

/** Constant displacements are free, unless negative. */
const displaced = (address: I32, by: number): { readonly base: I32; readonly offset: number } =>
  by >= 0 ? { base: address, offset: by } : { base: i32.add(address, by), offset: 0 }

/** The first one to three words at an address, nothing beyond them touched. */
const firstWords = (address: I32, count: number): V128 => {
  if (count === 1) return v128.load32Zero(address)
  const pair = v128.load64Zero(address)
  return count === 2 ? pair : v128.load32Lane(address, 2, pair, 8)
}
