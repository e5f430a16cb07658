/**
 * Kernels to WebAssembly: one module for all the kernels of a schedule, bytes made without a toolchain.
 *
 * The module imports `env.memory`, shared or not. Each distinct kernel (by `Step.signature`) becomes one exported
 * function of i32 parameters:
 *
 *     name(address of each buffer in the order of Step.args..., scratch, begin, end)
 *
 * Addresses are in bytes, multiples of 4. `scratch` is the address of `scratchBytes` bytes (aligned to 16) that belong
 * to the calling thread alone; nothing in them survives a call. `begin` and `end` say which shards of 0..extent to carry
 * out: calls that together cover 0..extent once, in any order and on any threads, give the same bits as one call. An
 * extent of 0 means there is nothing to do. Nothing outside the buffers and scratch is touched.
 */
import type { Step } from "../../kernel/ir.ts"
import { ModuleBuilder } from "./assembler.ts"
import { emitEpilogue } from "./epilogue.ts"
import { emitFoldIn } from "./fold-in.ts"
import { GemmHelpers } from "./gemm-helpers.ts"
import { emitGemm } from "./gemm.ts"
import type { Emitted } from "./kernel-function.ts"
import { emitLoop } from "./loop/emit.ts"
import type { Options } from "./loop/expressions.ts"
import { emitPut } from "./put.ts"
import { emitScan } from "./scan.ts"
import { emitScatterAdd } from "./scatter-add.ts"
import type { Tier } from "./tier.ts"

export interface KernelFunction extends Emitted {
  /** The exported name. */
  readonly name: string
}

/**
 * The module for some steps, and its functions by `Step.signature`.
 *
 * @example
 * const { bytes, kernels } = emitModule(schedule.steps, { tier: "fma", shared: false })
 * const { name, extent } = kernels.get(schedule.steps[0].signature)!
 */
export const emitModule = (
  steps: ReadonlyArray<Pick<Step, "kernel" | "args" | "signature">>,
  { tier, shared }: { readonly tier: Tier; readonly shared: boolean }
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly kernels: ReadonlyMap<string, KernelFunction> } => {
  const module = new ModuleBuilder({ shared })
  const options: Options = { relaxed: tier !== "simd128", wide: tier === "revectorize" }
  const products = new GemmHelpers(module, tier)
  const kernels = new Map<string, KernelFunction>()
  for (const { kernel, args, signature } of steps) {
    if (kernels.has(signature)) continue
    const name = `kernel${kernels.size}`
    const emitted = (): Emitted => {
      switch (kernel.kind) {
        case "loop":
          return emitLoop(module, name, kernel, args.length, options)
        case "scan":
          return emitScan(module, name, kernel, args.length, options)
        case "scatterAdd":
          return emitScatterAdd(module, name, kernel, args.length, options)
        case "put":
          return emitPut(module, name, kernel, args.length, options)
        case "foldIn":
          return emitFoldIn(module, name, kernel, args.length, options)
        case "gemm":
          return emitGemm(products, name, kernel, args.length, (body, planned, block) =>
            emitEpilogue(body, planned, block, options)
          )
      }
    }
    kernels.set(signature, { name, ...emitted() })
  }
  return { bytes: module.encode(), kernels }
}
