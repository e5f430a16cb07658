import type { FoldInKernel } from "../../kernel/ir.ts"
import { i32, v128 } from "./assembler.ts"
import type { EmitKernel } from "./kernel-function.ts"
import { threefry } from "./math/threefry.ts"
import { Vectors } from "./vectors.ts"

/** One shard: the two words of the derived key. */
export const emitFoldIn: EmitKernel<FoldInKernel> = (module, name, { key, data, domain, to }, parameters, options) => {
  module.function(
    name,
    Array.from({ length: parameters + 3 }, () => "i32" as const),
    (body, ...locals) => {
      const [begin, end] = [locals[parameters + 1]!, locals[parameters + 2]!]
      body.if(i32.ltS(begin, end), () => {
        const v = new Vectors(body, options)
        const word = (buffer: number, offset: number) => [body.let(v128.load32Splat(locals[buffer]!, offset))]
        const counter = "literal" in data ? v.i32(data.literal) : word(data.buffer, 0)
        const [x, y] = threefry(v, word(key, 0), word(key, 4), counter, v.i32(domain))
        body.storeLane(locals[to]!, x[0]!, 0)
        body.storeLane(locals[to]!, y[0]!, 0, 4)
      })
    }
  )
  return { extent: 1, scratchBytes: 0 }
}
