/** The passes over one row (or over neighbouring rows, one in each lane): reductions first, stores along it last. */
import { contiguous } from "../../../kernel/affine.ts"
import type { ExprId, Store } from "../../../kernel/ir.ts"
import { stretch } from "../add-exactly.ts"
import { i32, select, v128 } from "../assembler.ts"
import type { Local } from "../assembler.ts"
import type { Lanes } from "../vectors.ts"
import { Accumulator } from "./accumulate.ts"
import type { Reduce } from "./accumulate.ts"
import type { Expressions } from "./expressions.ts"
import type { LoopPlan } from "./plan.ts"
import type { Track } from "./scope.ts"
import { segmentsOf } from "./segments.ts"
import { along, inVectors, repeat } from "./walk.ts"

interface Pass {
  readonly reductions: ReadonlyArray<{ readonly id: ExprId; readonly reduce: Reduce; readonly sum: Accumulator }>
  readonly stores: ReadonlyArray<Store>
  readonly kept: ReadonlyArray<readonly [ExprId, Track]>
  readonly roots: ReadonlyArray<ExprId>
}

export const emitRow = (e: Expressions, plan: LoopPlan, scratch: Local<"i32">): void => {
  const { kernel, passes, saved } = plan
  const rowStart = kernel.axes.length
  const extents = kernel.row
  const flat = contiguous(extents)
  const points = extents.reduce((total, n) => total * n, 1)
  const stretches = stretchesOf(e, plan)
  const rank = rowStart + extents.length
  const spread = (strides: ReadonlyArray<number>) => [...new Array<number>(rowStart).fill(0), ...strides]
  const position: Track = {
    key: "row",
    origin: i32.const(0),
    at: { offset: 0, strides: spread(flat) },
    scale: 1
  }
  const tracks = new Map<ExprId, Track>()
  for (const [id, { at }] of saved) {
    const step = plan.along ? 1 : 4 * plan.unroll
    const strides = spread(flat.map((stride) => stride * step))
    tracks.set(id, { key: `scratch${id}`, origin: scratch, at: { offset: at / 4, strides }, scale: 4 })
  }
  const lengths = plan.along ? segmentsOf(e.exprs, rank - 1, extents.at(-1)!).map(([from, to]) => to - from) : []
  const group = 4 * plan.unroll
  const odd = lengths.some((n) => n % 4 > 0 || Math.floor((n % group) / 4) % 2 === 1)
  const slots = plan.along ? plan.unroll + (odd ? 1 : 0) : e.width

  const leaf = (pass: Pass, last: boolean): void => {
    const index: Lanes = pass.reductions.some(({ reduce }) => reduce.fn === "argmax") ? e.index(position) : []
    // Everything is loaded before anything is stored: a store may overwrite what was loaded at the same points.
    const products = pass.reductions.map(({ reduce, sum }) =>
      sum.rounds && e.lanes === 4 ? factorsOf(e, reduce) : null
    )
    pass.reductions.forEach(({ reduce }, i) => products[i] === null && e.value(reduce.x))
    for (const { value } of pass.stores) e.value(value)
    const target = Array.from({ length: e.width }, (_, u) => (plan.along && last ? plan.unroll : u))
    pass.reductions.forEach(({ reduce, sum }, i) => {
      const product = products[i]
      if (product != null) sum.takeProduct(target, product[0], product[1])
      else {
        const x = e.value(reduce.x)
        const lanes = plan.along ? e.lanes : 4
        sum.take(target, e.exprs[reduce.x]!.dtype === "bool" ? e.v.apply(v128.and, x, e.v.i32(1)) : x, lanes, index)
      }
    })
    for (const [id, track] of pass.kept) e.keep(id, track)
    for (const store of pass.stores) e.store(store)
  }

  const walk = (pass: Pass, level: number): void => {
    const axis = rowStart + level
    const innermost = level === extents.length - 1
    const flush = () => pass.reductions.forEach(({ sum }) => sum.flush())
    const flushes = level === stretches?.level && pass.reductions.some(({ sum }) => sum.rounds)
    const times = (count: number, step: () => void): void => {
      if (flushes && count > stretches.steps) inStretches(e, count, stretches.steps, step, flush)
      else repeat(e.body, count, step)
    }
    const needed = (): Map<string, Track> => {
      const found = e.tracks(pass.roots)
      for (const store of pass.stores) found.set(e.storeTrack(store).key, e.storeTrack(store))
      for (const [, track] of pass.kept) found.set(track.key, track)
      if (pass.reductions.some(({ reduce }) => reduce.fn === "argmax")) found.set(position.key, position)
      return found
    }
    const segments = segmentsOf(e.exprs, axis, extents[level]!)
    for (const [from, to] of segments) {
      if (to === from) continue
      e.segments.set(axis, [from, to])
      e.within(() => {
        e.hoist(pass.roots)
        along(e, axis, needed(), from, (advance) => {
          if (innermost && plan.along)
            inVectors(e, to - from, plan.unroll, advance, (part) => leaf(pass, part.last), times)
          else
            times(to - from, () => {
              e.within(() => (innermost ? leaf(pass, false) : walk(pass, level + 1)))
              advance(1)
            })
        })
      })
      if (flushes && (level > 0 || segments.length > 1)) flush()
      e.segments.delete(axis)
    }
  }

  const before = new Map(e.saved)
  passes.forEach((ids, number) => {
    const stores = number === passes.length - 1 ? kernel.stores.filter((store) => store.row) : []
    const kept = [...saved].filter(([, { pass }]) => pass === number).map(([id]) => [id, tracks.get(id)!] as const)
    const reductions = ids.map((id) => {
      const reduce = e.exprs[id] as Reduce
      const dtype = e.exprs[reduce.x]!.dtype === "f32" ? "f32" : "i32"
      return { id, reduce, sum: new Accumulator(e.v, reduce, dtype, slots, stretches !== null) }
    })
    const pass: Pass = {
      reductions,
      stores,
      kept,
      roots: [...reductions.map(({ reduce }) => reduce.x), ...stores.map((store) => store.value)]
    }
    if (points > 0) walk(pass, 0)
    for (const { id, sum } of reductions)
      e.scopes.current.values.set(id, plan.along ? sum.combined(e.options.wide ? scratch : null) : sum.lanes())
    for (const [id, track] of kept) e.saved.set(id, track)
  })
  e.saved.clear()
  before.forEach((track, id) => e.saved.set(id, track))
}

const factorsOf = (e: Expressions, reduce: Reduce): readonly [Lanes, Lanes] | null => {
  const factors = e.factors(reduce.x)
  return factors === null ? null : [e.value(factors[0]), e.value(factors[1])]
}

/**
 * The level of the row's loops, and the number of steps of it, after which an accumulator has taken a stretch of terms;
 * null where all of them are hardly more than that.
 */
const stretchesOf = (
  e: Expressions,
  { along, kernel, unroll }: LoopPlan
): { readonly level: number; readonly steps: number } | null => {
  const rowStart = kernel.axes.length
  const last = kernel.row.length - 1
  /** Terms an accumulator takes in one step of the loop at a level. */
  const terms = kernel.row.map(() => 1)
  let all = 1
  for (let level = last; level >= 0; level--) {
    terms[level] = all
    const points = segmentsOf(e.exprs, rowStart + level, kernel.row[level]!).map(([from, to]) => to - from)
    // What whole groups of vectors leave over goes into few accumulators.
    const steps = level === last && along ? points.map((n) => Math.floor(n / (4 * unroll)) + 2) : points
    all *= steps.reduce((sum, n) => sum + n, 0)
  }
  if (all <= 2 * stretch) return null
  const level = terms.findIndex((n) => n <= stretch)
  return { level, steps: Math.max(1, Math.floor(stretch / terms[level]!)) }
}

/** `count` steps with a flush after every `most` of them. */
const inStretches = (e: Expressions, count: number, most: number, step: () => void, flush: () => void): void => {
  const { body } = e
  const left = body.let(i32.const(count))
  body.loop((again) => {
    const next = body.let(select(i32.ltS(left, most), left, i32.const(most)))
    repeat(body, next, step)
    flush()
    body.set(left, i32.sub(left, next))
    body.break(again, left)
  })
}
