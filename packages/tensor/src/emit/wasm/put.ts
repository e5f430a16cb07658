import type { PutKernel } from "../../kernel/ir.ts"
import { i32, select } from "./assembler.ts"
import type { I32, Local } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"

/** A shard is one point of the outer axes: the old cells are copied unless they are there already, then the part. */
export const emitPut: EmitKernel<PutKernel> = (module, name, kernel, parameters) => {
  const { at, from, inner, into, length, outer, part, to } = kernel
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [begin, end] = locals.slice(parameters + 1) as [Local<"i32">, Local<"i32">]
      const [whole, taken, cell] = [4 * length * inner, 4 * part * inner, 4 * inner]
      body.if(i32.xor(locals[to]!, locals[into]!), () => {
        const skipped = body.let(i32.mul(begin, whole))
        const bytes = body.let(i32.mul(i32.sub(end, begin), whole))
        body.copy(i32.add(locals[to]!, skipped), i32.add(locals[into]!, skipped), bytes)
      })
      const within = (x: I32, least: I32, most: I32): I32 => {
        const raised = body.let(select(i32.ltS(x, least), least, x))
        return body.let(select(i32.ltS(most, raised), most, raised))
      }
      const start = within(body.let(i32.load(locals[at]!)), i32.const(-part), i32.const(length))
      const first = within(start, i32.const(0), i32.const(length))
      const last = within(body.let(i32.add(start, part)), i32.const(0), i32.const(length))
      const bytes = body.let(i32.mul(i32.sub(last, first), cell))
      const source = body.let(i32.add(locals[from]!, i32.mul(i32.sub(first, start), cell)))
      const target = body.let(i32.add(locals[to]!, i32.mul(first, cell)))
      const shard = body.local("i32")
      body.for(shard, begin, end, 1, () =>
        body.copy(i32.add(target, i32.mul(shard, whole)), i32.add(source, i32.mul(shard, taken)), bytes)
      )
    }
  )
  return { extent: length * inner === 0 ? 0 : outer, scratchBytes: 0 }
}
