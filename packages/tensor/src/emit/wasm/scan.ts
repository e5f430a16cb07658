import type { ScanKernel } from "../../kernel/ir.ts"
import { addExactly, stretch } from "./add-exactly.ts"
import { f32x4, i32, i32x4, select, v128 } from "./assembler.ts"
import type { FunctionBuilder, I32, Local, V128 } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"

/** Running sums: a shard is one line of the middle axis, or four neighbouring ones where the inner axis has them. */
export const emitScan: EmitKernel<ScanKernel> = (module, name, kernel, parameters) => {
  const { outer, length, inner, from, to, dtype } = kernel
  const vectors = Math.floor(inner / 4)
  const units = vectors + (inner % 4)
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [begin, end] = locals.slice(parameters + 1) as [Local<"i32">, Local<"i32">]
      const unit = body.local("i32")
      const line: Line = {
        body,
        length,
        step: body.local("i32"),
        source: body.local("i32"),
        target: body.local("i32"),
        bytes: 4 * inner
      }
      const along = dtype === "i32" ? integers : length > stretch ? longFloats : floats
      const wide = (): void =>
        along(line, {
          load: () => v128.load(line.source),
          store: (sum) => body.store(line.target, sum)
        })
      const single = (): void =>
        along(line, {
          load: () => v128.load32Zero(line.source),
          store: (sum) => body.storeLane(line.target, sum, 0)
        })
      body.for(unit, begin, end, 1, () => {
        const part = body.let(i32.remU(unit, units))
        const start = i32.mul(i32.divU(unit, units), 4 * length * inner)
        const locate = (first: I32): void => {
          const offset = body.let(i32.add(start, first))
          body.set(line.source, i32.add(locals[from]!, offset))
          body.set(line.target, i32.add(locals[to]!, offset))
        }
        const columns = () => locate(i32.mul(i32.sub(part, vectors), 4))
        if (vectors === 0) {
          columns()
          single()
        } else
          body.if(
            i32.ltU(part, vectors),
            () => {
              locate(i32.mul(part, 16))
              wide()
            },
            () => {
              locate(i32.add(i32.mul(i32.sub(part, vectors), 4), 16 * vectors))
              single()
            }
          )
      })
    }
  )
  return { extent: length === 0 ? 0 : outer * units, scratchBytes: 0 }
}

/** A line of values that lie `bytes` apart. */
interface Line {
  readonly body: FunctionBuilder
  readonly length: number
  readonly step: Local<"i32">
  readonly source: Local<"i32">
  readonly target: Local<"i32">
  readonly bytes: number
}

/** Access to where a line stands. */
interface Access {
  readonly load: () => V128
  readonly store: (sum: V128) => void
}

const steps = ({ body, step, source, target, bytes }: Line, count: I32 | number, each: () => void): void =>
  body.for(step, 0, count, 1, () => {
    each()
    body.increase(source, bytes)
    body.increase(target, bytes)
  })

const plain =
  (add: (a: V128, b: V128) => V128) =>
  (line: Line, { load, store }: Access): void => {
    const { body, length } = line
    const sum = body.let(i32x4.const(0))
    steps(line, length, () => {
      body.set(sum, add(sum, load()))
      store(sum)
    })
  }

const integers = plain(i32x4.add)
const floats = plain(f32x4.add)

/** Sums of a stretch beginning at 0, added to an exact sum of what was before it. */
const longFloats = (line: Line, { load, store }: Access): void => {
  const { body, length } = line
  const total = body.let(f32x4.const(0))
  const lost = body.let(f32x4.const(0))
  const left = body.let(i32.const(length))
  body.loop((again) => {
    const next = body.let(select(i32.ltS(left, stretch), left, i32.const(stretch)))
    const sum = body.let(f32x4.const(0))
    steps(line, next, () => {
      body.set(sum, f32x4.add(sum, load()))
      store(f32x4.add(total, f32x4.add(lost, sum)))
    })
    addExactly(body, total, lost, sum)
    body.set(left, i32.sub(left, next))
    body.break(again, left)
  })
}
