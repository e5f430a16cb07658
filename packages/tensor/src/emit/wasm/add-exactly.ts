import { f32x4, v128 } from "./assembler.ts"
import type { FunctionBuilder, Local, V128 } from "./assembler.ts"

/** So many terms a float32 sum takes by itself before it joins an exact total: each adds to the rounding error. */
export const stretch = 32

/**
 * `total += x` on float32 vectors, where `lost` holds what rounding took off `total` in the additions before and is added
 * with the next (Kahan's sum, exact by Knuth's TwoSum whichever is larger): after many terms total + lost is right to
 * about the last place. A sum that is not finite has lost nothing.
 */
export const addExactly = (body: FunctionBuilder, total: Local<"v128">, lost: Local<"v128">, x: V128): void => {
  const term = body.let(f32x4.add(x, lost))
  const sum = body.let(f32x4.add(total, term))
  const taken = body.let(f32x4.sub(sum, total))
  const error = body.let(f32x4.add(f32x4.sub(total, f32x4.sub(sum, taken)), f32x4.sub(term, taken)))
  body.set(lost, v128.and(error, f32x4.eq(error, error)))
  body.set(total, sum)
}
