import type { ScatterAddKernel } from "../../kernel/ir.ts"
import { f32, f32x4, i32, i32x4, v128 } from "./assembler.ts"
import type { FunctionBuilder, I32, Local } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"

/**
 * A shard is one row of the result. A call clears its rows and then walks all updates, adding those that fall there: in
 * order, so that every row is the same sum however rows are divided.
 */
export const emitScatterAdd: EmitKernel<ScatterAddKernel> = (module, name, kernel, parameters) => {
  const { rows, width, count, index, updates, to, dtype } = kernel
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [begin, end] = locals.slice(parameters + 1) as [Local<"i32">, Local<"i32">]
      const bytes = 4 * width
      const first = body.let(i32.add(locals[to]!, i32.mul(begin, bytes)))
      const at = body.local("i32")
      const size = body.let(i32.mul(i32.sub(end, begin), bytes))
      const whole = body.let(i32.and(size, -16))
      body.for(at, 0, whole, 16, () => body.store(i32.add(first, at), i32x4.const(0)))
      body.for(at, whole, size, 4, () => body.store(i32.add(first, at), i32.const(0)))
      const update = body.local("i32")
      const source = body.let(locals[updates]!)
      const mine = body.let(i32.sub(end, begin))
      body.for(update, 0, count, 1, () => {
        const row = body.let(i32.sub(i32.load(i32.add(locals[index]!, i32.shl(update, 2))), begin))
        body.if(i32.ltU(row, mine), () => {
          const target = body.let(i32.add(locals[to]!, i32.mul(i32.add(row, begin), bytes)))
          addRow(body, target, source, width, dtype === "f32")
        })
        body.increase(source, bytes)
      })
    }
  )
  return { extent: width === 0 ? 0 : rows, scratchBytes: 0 }
}

const addRow = (body: FunctionBuilder, target: I32, source: I32, width: number, float: boolean): void => {
  const at = body.local("i32")
  const whole = 4 * (width - (width % 4))
  body.for(at, 0, whole, 16, () => {
    const address = body.let(i32.add(target, at))
    const add = float ? f32x4.add : i32x4.add
    body.store(address, add(v128.load(address), v128.load(i32.add(source, at))))
  })
  for (let offset = whole; offset < 4 * width; offset += 4)
    body.store(
      target,
      float
        ? f32.add(f32.load(target, offset), f32.load(source, offset))
        : i32.add(i32.load(target, offset), i32.load(source, offset)),
      offset
    )
}
