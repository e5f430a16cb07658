/** Reductions in progress: one accumulator per vector worked on together, combined at the end in a fixed order. */
import type { Expr } from "../../../kernel/ir.ts"
import { addExactly } from "../add-exactly.ts"
import { f32x4, i32x4, v128 } from "../assembler.ts"
import type { Local, V128 } from "../assembler.ts"
import type { Lanes, Vectors } from "../vectors.ts"

export type Reduce = Extract<Expr, { op: "reduce" }>

const lowest = { f32: -Infinity, i32: -0x80000000 }
const highest = { f32: Infinity, i32: 0x7fffffff }

/** Where the second accumulators are put in scratch: not next to the first, with which they have nothing in common. */
const secondRoom = 256

const swapHalves = (x: V128): V128 => i32x4.shuffle(x, x, [2, 3, 0, 1])
const swapPairs = (x: V128): V128 => i32x4.shuffle(x, x, [1, 0, 3, 2])

/** The mask of the first `count` lanes. */
export const firstLanes = (v: Vectors, count: number): Lanes => [
  v.body.once(i32x4.const(-1, count > 1 ? -1 : 0, count > 2 ? -1 : 0, count > 3 ? -1 : 0))
]

/**
 * - A long float32 sum adds into `value` and from time to time `flush`es that into `total`, which keeps what rounding
 *   takes off it in `lost`: the error is that of one stretch, however many there are.
 * - A float32 max or min keeps in `second` a mask of the lanes that have met NaN.
 * - argmax keeps in `second` the index of the best value.
 */
export class Accumulator {
  readonly reduce: Reduce
  private readonly v: Vectors
  private readonly float: boolean
  private readonly value: ReadonlyArray<Local<"v128">>
  private readonly second: ReadonlyArray<Local<"v128">>
  private readonly total: ReadonlyArray<Local<"v128">>
  private readonly lost: ReadonlyArray<Local<"v128">>

  /** @param long whether a float32 sum has so many terms that it is flushed on the way */
  constructor(v: Vectors, reduce: Reduce, dtype: "f32" | "i32", slots: number, long: boolean) {
    this.v = v
    this.reduce = reduce
    this.float = dtype === "f32"
    const { fn } = reduce
    const start = fn === "sum" ? 0 : fn === "min" ? highest[dtype] : lowest[dtype]
    const identity = this.float ? f32x4.const(start) : i32x4.const(start)
    const zeros = (wanted: boolean) => (wanted ? this.value.map(() => v.body.let(i32x4.const(0))) : [])
    this.value = Array.from({ length: slots }, () => v.body.let(identity))
    this.second = zeros(fn === "argmax" || (this.float && fn !== "sum"))
    this.total = zeros(this.rounds && long)
    this.lost = zeros(this.rounds && long)
  }

  /** Whether this is a sum of float32 values, which rounds. */
  get rounds(): boolean {
    return this.float && this.reduce.fn === "sum"
  }

  /** Takes in one vector per slot; `index` gives the row position of each lane, for argmax. */
  take(slots: ReadonlyArray<number>, x: Lanes, lanes: number, index: Lanes): void {
    const { v } = this
    const mask = lanes < 4 ? firstLanes(v, lanes)[0]! : null
    slots.forEach((slot, u) => {
      const value = x[x.length === 1 ? 0 : u]!
      const at = index[index.length === 1 ? 0 : u]
      this.takeOne(slot, value, mask, at)
    })
  }

  /** `sum += a * b`, rounded once where the engine can. */
  takeProduct(slots: ReadonlyArray<number>, a: Lanes, b: Lanes): void {
    slots.forEach((slot, u) => {
      const sum = this.value[slot]!
      const [fused] = this.v.madd([a[a.length === 1 ? 0 : u]!], [b[b.length === 1 ? 0 : u]!], [sum])
      this.v.body.set(sum, fused!)
    })
  }

  flush(): void {
    const { body } = this.v
    this.total.forEach((total, slot) => {
      const value = this.value[slot]!
      addExactly(body, total, this.lost[slot]!, value)
      body.set(value, f32x4.const(0))
    })
  }

  /** The result in every lane of its own. */
  lanes(): Lanes {
    this.finish()
    return this.value.map((_, slot) => this.result(slot))
  }

  /**
   * The result over all slots and lanes. With `room`, the address of scratch memory, the last pair meets there: stores to
   * neighbouring addresses let the engine join the additions in the loop into wider ones.
   */
  combined(room: Local<"i32"> | null): Lanes {
    this.finish()
    const { body } = this.v
    const merge = (to: number, from: number): void => this.mergeInto(to, this.value[from]!, this.second[from])
    const pairs = this.value.length - (this.value.length % 2)
    for (let slot = 2; slot < pairs; slot++) merge(slot % 2, slot)
    if (room !== null) this.throughMemory(room)
    merge(0, 1)
    if (pairs < this.value.length) merge(0, pairs)
    for (const swap of [swapHalves, swapPairs]) {
      const other = body.let(swap(this.value[0]!))
      this.mergeInto(0, other, this.second.length > 0 ? body.let(swap(this.second[0]!)) : undefined)
    }
    const result = this.result(0)
    return [
      body.let(
        this.float && this.reduce.fn !== "argmax"
          ? f32x4.splat(f32x4.extractLane(result, 0))
          : i32x4.splat(i32x4.extractLane(result, 0))
      )
    ]
  }

  private finish(): void {
    this.flush()
    this.total.forEach((total, slot) => this.v.body.set(this.value[slot]!, f32x4.add(total, this.lost[slot]!)))
  }

  private result(slot: number): Local<"v128"> {
    const { fn } = this.reduce
    const value = this.value[slot]!
    if (fn === "argmax") return this.second[slot]!
    // A mask of all bits is itself a NaN.
    return this.float && fn !== "sum" ? this.v.body.let(v128.or(value, this.second[slot]!)) : value
  }

  private throughMemory(room: Local<"i32">): void {
    const { body } = this.v
    const places = [this.value, this.second].flatMap((names, i) =>
      names.slice(0, 2).map((name, slot) => ({ name, at: i * secondRoom + 16 * slot }))
    )
    for (const { name, at } of places) body.store(room, name, at)
    for (const { name, at } of places) body.set(name, v128.load(room, at))
  }

  private takeOne(slot: number, x: Local<"v128">, mask: V128 | null, at: V128 | undefined): void {
    const { body } = this.v
    const { fn } = this.reduce
    const best = this.value[slot]!
    const masked = (y: V128): V128 => (mask === null ? y : v128.and(y, mask))
    if (fn === "sum") {
      body.set(best, (this.float ? f32x4.add : i32x4.add)(best, masked(x)))
      return
    }
    if (fn === "argmax") {
      const better = this.float
        ? v128.or(f32x4.gt(x, best), v128.andnot(f32x4.ne(x, x), f32x4.ne(best, best)))
        : i32x4.gtS(x, best)
      const take = body.let(masked(better))
      body.set(best, v128.bitselect(x, best, take))
      body.set(this.second[slot]!, v128.bitselect(at!, this.second[slot]!, take))
      return
    }
    const inside = mask === null ? x : v128.bitselect(x, best, mask)
    if (!this.float) {
      body.set(best, (fn === "max" ? i32x4.maxS : i32x4.minS)(best, inside))
      return
    }
    const seen = this.second[slot]!
    body.set(seen, v128.or(seen, masked(f32x4.ne(x, x))))
    body.set(best, (fn === "max" ? f32x4.pmax : f32x4.pmin)(best, inside))
  }

  /** Joins another accumulator's state into a slot. */
  private mergeInto(slot: number, value: Local<"v128">, second: Local<"v128"> | undefined): void {
    const { body } = this.v
    const { fn } = this.reduce
    const best = this.value[slot]!
    if (fn === "argmax") {
      const other = second!
      const mine = this.second[slot]!
      const nanHere = f32x4.ne(best, best)
      const nanThere = f32x4.ne(value, value)
      const greater = this.float
        ? v128.or(f32x4.gt(value, best), v128.andnot(nanThere, nanHere))
        : i32x4.gtS(value, best)
      const tied = this.float ? v128.or(f32x4.eq(value, best), v128.and(nanThere, nanHere)) : i32x4.eq(value, best)
      const take = body.let(v128.or(greater, v128.and(tied, i32x4.ltS(other, mine))))
      body.set(best, v128.bitselect(value, best, take))
      body.set(mine, v128.bitselect(other, mine, take))
      return
    }
    if (fn === "sum") {
      body.set(best, (this.float ? f32x4.add : i32x4.add)(best, value))
      return
    }
    if (!this.float) {
      body.set(best, (fn === "max" ? i32x4.maxS : i32x4.minS)(best, value))
      return
    }
    body.set(best, (fn === "max" ? f32x4.pmax : f32x4.pmin)(best, value))
    body.set(this.second[slot]!, v128.or(this.second[slot]!, second!))
  }
}
