/** Loop kernels: maps, and rows that are reduced and then mapped. */
import type { ExprId, LoopKernel, Store } from "../../../kernel/ir.ts"
import { i32, select } from "../assembler.ts"
import type { FunctionBuilder, I32, Local } from "../assembler.ts"
import type { EmitKernel } from "../kernel-function.ts"
import { bit } from "./analysis.ts"
import { Expressions } from "./expressions.ts"
import type { Options } from "./expressions.ts"
import { pieces } from "./pieces.ts"
import { planLoop } from "./plan.ts"
import type { LoopPlan } from "./plan.ts"
import { emitRow } from "./row.ts"
import type { Track } from "./scope.ts"
import { along, inBlocks, repeat } from "./walk.ts"

export const emitLoop: EmitKernel<LoopKernel> = (module, name, kernel, parameters, options) => {
  const plans = pieces(kernel).map(planLoop)
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [scratch, begin, end] = locals.slice(parameters) as [Local<"i32">, Local<"i32">, Local<"i32">]
      let first = 0
      for (const plan of plans) {
        emitPiece(body, plan, locals.slice(0, parameters), scratch, within(body, begin, end, first, plan), options)
        first += plan.extent
      }
    }
  )
  return {
    extent: plans.reduce((sum, { extent }) => sum + extent, 0),
    scratchBytes: Math.max(0, ...plans.map(({ scratchBytes }) => scratchBytes))
  }
}

interface Range {
  readonly from: I32
  readonly to: I32
}

/** The shards of one piece among those of the whole kernel, counted from its own first. */
const within = (body: FunctionBuilder, begin: I32, end: I32, first: number, { extent }: LoopPlan): Range => {
  const low = body.let(i32.sub(begin, first))
  const high = body.let(i32.sub(end, first))
  return {
    from: body.let(select(i32.ltS(low, 0), i32.const(0), low)),
    to: body.let(select(i32.gtS(high, extent), i32.const(extent), high))
  }
}

const emitPiece = (
  body: FunctionBuilder,
  plan: LoopPlan,
  buffers: ReadonlyArray<Local<"i32">>,
  scratch: Local<"i32">,
  shards: Range,
  options: Options
): void => {
  const { kernel } = plan
  const e = new Expressions(
    body,
    { exprs: kernel.exprs, analysis: plan.analysis, vectorAxis: plan.vectorAxis },
    buffers,
    options
  )
  const roots = [
    ...kernel.stores.map((store) => store.value),
    ...kernel.exprs.flatMap((expr) => (expr.op === "reduce" ? [expr.x] : []))
  ]
  e.hoist(roots)
  const shard = body.local("i32")
  body.for(shard, shards.from, shards.to, 1, () =>
    e.within(() => {
      const outside = e.bound
      const { indices, block } = decompose(body, plan, shard)
      plan.outer.forEach((axis) => (e.bound |= bit(axis)))
      const tracks = (): Map<string, Track> => tracksOf(e, roots, kernel.stores)
      placeOuter(e, tracks(), indices)
      e.hoist(roots)
      walkInner(e, plan, 0, roots, tracks, () => {
        if (plan.along) {
          emitPoint(e, plan, scratch)
          return
        }
        const length = kernel.axes[plan.vectorAxis]!
        const start = plan.blocks === 1 ? 0 : i32.mul(block, plan.block)
        along(e, plan.vectorAxis, tracks(), start, (advance) =>
          inBlocks(e, { ...plan, length }, block, advance, () => {
            e.hoist(roots)
            emitPoint(e, plan, scratch)
          })
        )
      })
      e.bound = outside
    })
  )
}

/** The loops over the parallel axes that belong to one shard. */
const walkInner = (
  e: Expressions,
  plan: LoopPlan,
  level: number,
  roots: ReadonlyArray<ExprId>,
  tracks: () => Map<string, Track>,
  body: () => void
): void => {
  const axis = plan.inner[level]
  if (axis === undefined) {
    body()
    return
  }
  along(e, axis, tracks(), 0, (advance) =>
    repeat(e.body, plan.kernel.axes[axis]!, () => {
      e.within(() => {
        e.hoist(roots)
        walkInner(e, plan, level + 1, roots, tracks, body)
      })
      advance(1)
    })
  )
}

/** One point of the parallel axes, or one group of vectors of them. */
const emitPoint = (e: Expressions, plan: LoopPlan, scratch: Local<"i32">): void => {
  const { stores } = plan.kernel
  if (plan.passes.length > 0) emitRow(e, plan, scratch)
  const single = stores.filter((store) => !store.row)
  for (const { value } of single) e.value(value)
  for (const store of single) e.store(store)
}

const tracksOf = (e: Expressions, roots: ReadonlyArray<ExprId>, stores: ReadonlyArray<Store>): Map<string, Track> => {
  const tracks = e.tracks(roots)
  for (const store of stores) tracks.set(e.storeTrack(store).key, e.storeTrack(store))
  return tracks
}

/** A shard's indices of the outer axes, innermost fastest, and its block of the vector axis. */
const decompose = (
  body: FunctionBuilder,
  { kernel, outer, blocks }: LoopPlan,
  shard: Local<"i32">
): { readonly indices: ReadonlyArray<readonly [number, I32]>; readonly block: I32 } => {
  let rest = shard
  const split = (extent: number, last: boolean): Local<"i32"> => {
    if (last) return rest
    const index = body.let(i32.remU(rest, extent))
    rest = body.let(i32.divU(rest, extent))
    return index
  }
  const moving = outer.filter((axis) => kernel.axes[axis]! > 1)
  const block = blocks > 1 ? split(blocks, moving.length === 0) : i32.const(0)
  const indices = moving
    .toReversed()
    .map((axis, i) => [axis, split(kernel.axes[axis]!, i === moving.length - 1)] as const)
  return { indices, block }
}

/** Where everything stands at a shard's first point. Tracks that move alike share the arithmetic. */
const placeOuter = (
  e: Expressions,
  tracks: ReadonlyMap<string, Track>,
  indices: ReadonlyArray<readonly [number, I32]>
): void => {
  const { body } = e
  const shared = new Map<string, Local<"i32">>()
  for (const track of tracks.values()) {
    const steps = indices
      .map(([axis, index]) => [index, track.scale * track.at.strides[axis]!] as const)
      .filter(([, step]) => step !== 0)
    if (steps.length === 0) continue
    const key = indices.map(([axis]) => track.scale * track.at.strides[axis]!).join()
    const moved =
      shared.get(key) ??
      body.let(steps.map(([index, step]) => i32.mul(index, step)).reduce((sum, step) => i32.add(sum, step)))
    shared.set(key, moved)
    e.scopes.current.places.set(track.key, body.let(i32.add(e.place(track), moved)))
  }
}
