import type { ScatterAddKernel } from "../../kernel/ir.ts"
import { addExactly, stretch } from "./add-exactly.ts"
import { f32x4, i32, i32x4, v128 } from "./assembler.ts"
import type { FunctionBuilder, I32, Local } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"

/** Vectors of a row that are added up together. */
const most = 4

/**
 * A shard is one row of the result. A call clears its rows and chains up the updates that fall into each: a row holds its
 * first update for the time being, scratch memory the next one after every update. Then it adds them up along the
 * chains: in order, so that every row is the same sum however rows are divided.
 *
 * Update u is written down as 4 u + 4, and 0 is none. In the chain an odd number marks what is not the first of a row.
 */
export const emitScatterAdd: EmitKernel<ScatterAddKernel> = (module, name, kernel, parameters) => {
  const { rows, width, count, index, updates, to, dtype } = kernel
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [scratch, begin, end] = locals.slice(parameters) as [Local<"i32">, Local<"i32">, Local<"i32">]
      const bytes = 4 * width
      const first = body.let(i32.add(locals[to]!, i32.mul(begin, bytes)))
      const mine = body.let(i32.sub(end, begin))
      clear(body, first, body.let(i32.mul(mine, bytes)))
      if (count === 0) return
      const next = body.let(i32.sub(scratch, 4))
      const rowOf = (update: I32): I32 => i32.sub(i32.load(i32.add(i32.sub(locals[index]!, 4), update)), begin)
      const update = body.let(i32.const(4 * count))
      // Backward, so that chains run forward.
      body.loop((again) => {
        const row = body.let(rowOf(update))
        body.if(
          i32.ltU(row, mine),
          () => {
            const target = body.let(i32.add(first, i32.mul(row, bytes)))
            const after = body.let(i32.load(target))
            body.store(i32.add(next, update), after)
            body.store(target, update)
            body.if(after, () => {
              const place = body.let(i32.add(next, after))
              body.store(place, i32.or(i32.load(place), 1))
            })
          },
          () => body.store(i32.add(next, update), i32.const(1))
        )
        body.set(update, i32.sub(update, 4))
        body.break(again, update)
      })
      body.for(update, 4, 4 * count + 4, 4, () =>
        body.if(i32.eqz(i32.and(i32.load(i32.add(next, update)), 1)), () => {
          const target = body.let(i32.add(first, i32.mul(rowOf(update), bytes)))
          const source = body.let(i32.sub(locals[updates]!, bytes))
          sumRow({ body, next, head: update, source, width, float: dtype === "f32" }, target)
        })
      )
    }
  )
  return { extent: width === 0 ? 0 : rows, scratchBytes: 4 * count }
}

const clear = (body: FunctionBuilder, from: Local<"i32">, size: Local<"i32">): void => {
  const at = body.local("i32")
  const whole = body.let(i32.and(size, -16))
  body.for(at, 0, whole, 16, () => body.store(i32.add(from, at), i32x4.const(0)))
  body.for(at, whole, size, 4, () => body.store(i32.add(from, at), i32.const(0)))
}

/** The updates of one row. */
interface Chain {
  readonly body: FunctionBuilder
  readonly next: Local<"i32">
  readonly head: Local<"i32">
  /** Where update 0 would lie if it were written down as 0. */
  readonly source: Local<"i32">
  readonly width: number
  readonly float: boolean
}

/** Columns added up together: four from `at` on, in bytes, or one. */
interface Columns {
  readonly at: number
  readonly four: boolean
}

const sumRow = (chain: Chain, target: Local<"i32">): void => {
  const { body, width } = chain
  const group = 4 * most
  const whole = width - (width % group)
  const fours = (count: number, from: number): ReadonlyArray<Columns> =>
    Array.from({ length: count }, (_, i) => ({ at: 4 * from + 16 * i, four: true }))
  const column = body.local("i32")
  if (whole > 0) body.for(column, 0, 4 * whole, 4 * group, () => sumColumns(chain, target, column, fours(most, 0)))
  const vectors = Math.floor((width - whole) / 4)
  const last = Array.from({ length: width % 4 }, (_, i) => ({ at: 4 * (width - (width % 4) + i), four: false }))
  const rest = [...fours(vectors, whole), ...last]
  if (rest.length > 0) sumColumns(chain, target, i32.const(0), rest)
}

const sumColumns = (
  { body, next, head, source, width, float }: Chain,
  target: Local<"i32">,
  column: I32,
  columns: ReadonlyArray<Columns>
): void => {
  const zeros = () => columns.map(() => body.let(i32x4.const(0)))
  const add = float ? f32x4.add : i32x4.add
  const sums = zeros()
  const at = body.let(head)
  /** Adds up to the end of the chain, or of the stretch where that is sooner. */
  const addStretch = (): void => {
    const left = body.let(i32.const(stretch))
    body.loop((again) => {
      const place = body.let(i32.add(i32.add(source, i32.mul(at, width)), column))
      columns.forEach(({ at: offset, four }, i) =>
        body.set(sums[i]!, add(sums[i]!, four ? v128.load(place, offset) : v128.load32Zero(place, offset)))
      )
      body.set(at, i32.and(i32.load(i32.add(next, at)), -4))
      body.set(left, i32.sub(left, 1))
      body.break(again, float ? i32.and(i32.ne(at, 0), i32.ne(left, 0)) : at)
    })
  }
  addStretch()
  if (float)
    body.if(at, () => {
      const [totals, lost] = [sums.map((sum) => body.let(sum)), zeros()]
      body.loop((again) => {
        for (const sum of sums) body.set(sum, f32x4.const(0))
        addStretch()
        sums.forEach((sum, i) => addExactly(body, totals[i]!, lost[i]!, sum))
        body.break(again, at)
      })
      sums.forEach((sum, i) => body.set(sum, f32x4.add(totals[i]!, lost[i]!)))
    })
  const place = body.let(i32.add(target, column))
  columns.forEach(({ at: offset, four }, i) =>
    four ? body.store(place, sums[i]!, offset) : body.storeLane(place, sums[i]!, 0, offset)
  )
}
