import { f32x4, i32 } from "./assembler.ts"
import type { Callable, FunctionBuilder, I32, ModuleBuilder, V128 } from "./assembler.ts"
import type { Tier } from "./tier.ts"

/** A helper function of a module: i32 parameters only, no result. */
export type Helper = Callable<ReadonlyArray<"i32">, null>

/** What the products of one module share. */
export class GemmHelpers {
  readonly module: ModuleBuilder
  readonly tier: Tier

  constructor(module: ModuleBuilder, tier: Tier) {
    this.module = module
    this.tier = tier
  }

  /** `sum + a * b` in the tier's way: the same for every element, whatever tile it falls in. */
  multiplyAdd(a: V128, b: V128, sum: V128): V128 {
    return this.tier === "simd128" ? f32x4.add(sum, f32x4.mul(a, b)) : f32x4.relaxedMadd(a, b, sum)
  }
}

/**
 * Runs the body `count` times, at least once. Never unrolled: engines hoist the loads of an unrolled product and then
 * spill its accumulators.
 */
export const repeat = (body: FunctionBuilder, count: I32, step: () => void): void => {
  const left = body.let(count)
  body.loop((again) => {
    step()
    body.set(left, i32.sub(left, 1))
    body.break(again, left)
  })
}
