/** What training costs: multiplications by parameters, of chains that are gone over and of attempts. */
import type { Program } from "@noema/tensor"
import type { Method } from "../method/method.ts"
import type { Wording } from "../rollout/generate.ts"
import { countOf } from "../weights/tree.ts"

/** What one chain or one attempt costs, by its groups of latents. */
export interface RowWork {
  /** A chain: forward, and backward for twice that. */
  readonly chain: (groups: number) => number
  /** An attempt that is drawn so often, and learnt from in so many epochs. */
  readonly attempt: (groups: number, draws: number, epochs: number) => number
}

/**
 * Of a row, the backbone reads question, latents and answer, and the decoder all groups. A supervised update goes over both
 * forward and, for twice that, backward; an attempt is rolled out and spoken by the decoder once for each draw, and in each
 * epoch scored and updated, which is four times over the backbone.
 */
export const workOf = (
  method: Pick<Method, "calls" | "speaks">,
  { backbone, ...parts }: Program.AnyValues,
  { context, perStep, stepSymbols }: Pick<Wording, "context" | "perStep" | "stepSymbols">
): RowWork => {
  const inserted = method.calls ? stepSymbols : 0
  const thinking = (groups: number) => countOf({ backbone: backbone! }) * (context + groups * (perStep + inserted))
  const speaking = (groups: number) =>
    method.speaks || method.calls ? countOf(parts) * groups * (perStep + stepSymbols) : 0
  return {
    chain: (groups) => 3 * (thinking(groups) + speaking(groups)),
    attempt: (groups, draws, epochs) => draws * (thinking(groups) + speaking(groups)) + 4 * epochs * thinking(groups)
  }
}
