/** Rough times, to decide what is worth dividing among threads and what is worth waking a thread for at all. */
import type { Tier } from "../../emit/wasm/tier.ts"
import type { Kernel } from "../../kernel/ir.ts"

/** Nanoseconds per multiplication and addition of a product. */
const multiplyAdd: Record<Tier, number> = { simd128: 0.055, fma: 0.04, revectorize: 0.02 }

const count = (sizes: ReadonlyArray<number>): number => sizes.reduce((product, size) => product * size, 1)

/** Nanoseconds that one thread needs, within a factor of a few. */
export const nanoseconds = (kernel: Kernel, tier: Tier): number => {
  switch (kernel.kind) {
    case "loop":
      return count(kernel.axes) * count(kernel.row) * (0.2 + 0.15 * kernel.exprs.length)
    case "gemm": {
      const cells = count(kernel.batch) * kernel.m * kernel.n
      return cells * (kernel.k * multiplyAdd[tier] + 0.15 * kernel.exprs.length)
    }
    case "scan":
      return kernel.outer * kernel.length * kernel.inner
    case "scatterAdd":
      return kernel.width * (kernel.rows * 0.1 + kernel.count * 0.5)
    case "put":
      return kernel.outer * kernel.inner * (kernel.length + kernel.part) * 0.1
    case "foldIn":
      return 50
  }
}

/** From how many nanoseconds on something is worth its price. */
export interface Worth {
  /** Dividing a kernel among the threads. */
  readonly dividing: number
  /** Cutting it into more pieces than there are threads, as one of them may be held up. */
  readonly dividingFinely: number
  /** Running a program on the workers: waking one and hearing from it takes about as long. */
  readonly aWorker: number
}

export const usualWorth: Worth = { dividing: 4_000, dividingFinely: 200_000, aWorker: 100_000 }
