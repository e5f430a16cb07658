import type { ScanKernel } from "../../kernel/ir.ts"
import { f32, f32x4, i32, i32x4, v128 } from "./assembler.ts"
import type { I32, Local } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"

/** Running sums: a shard is one line of the middle axis, or four neighbouring ones where the inner axis has them. */
export const emitScan: EmitKernel<ScanKernel> = (module, name, kernel, parameters) => {
  const { outer, length, inner, from, to, dtype } = kernel
  const vectors = Math.floor(inner / 4)
  const units = vectors + (inner % 4)
  const float = dtype === "f32"
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [begin, end] = locals.slice(parameters + 1) as [Local<"i32">, Local<"i32">]
      const unit = body.local("i32")
      const step = body.local("i32")
      const source = body.local("i32")
      const target = body.local("i32")
      const line = (accumulate: () => void): void =>
        body.for(step, 0, length, 1, () => {
          accumulate()
          body.increase(source, 4 * inner)
          body.increase(target, 4 * inner)
        })
      const wide = (): void => {
        const sum = body.let(i32x4.const(0))
        const add = float ? f32x4.add : i32x4.add
        line(() => {
          body.set(sum, add(sum, v128.load(source)))
          body.store(target, sum)
        })
      }
      const single = (): void => {
        if (float) {
          const sum = body.let(f32.const(0))
          line(() => {
            body.set(sum, f32.add(sum, f32.load(source)))
            body.store(target, sum)
          })
        } else {
          const sum = body.let(i32.const(0))
          line(() => {
            body.set(sum, i32.add(sum, i32.load(source)))
            body.store(target, sum)
          })
        }
      }
      body.for(unit, begin, end, 1, () => {
        const part = body.let(i32.remU(unit, units))
        const start = i32.mul(i32.divU(unit, units), 4 * length * inner)
        const locate = (first: I32): void => {
          const offset = body.let(i32.add(start, first))
          body.set(source, i32.add(locals[from]!, offset))
          body.set(target, i32.add(locals[to]!, offset))
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
