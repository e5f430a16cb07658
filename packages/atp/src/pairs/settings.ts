/** Which methods can learn from pairs of their attempts. */
import { Program } from "@noema/tensor"
import type { Method } from "../method/method.ts"
import type { ModelSizes } from "../part/sizes.ts"
import { drawsRows } from "../policy/policy.ts"

/** Which attempts a model goes over: right ones, or wrong ones. */
export type Side = "right" | "wrong"

/** Why attempts of a method cannot be learnt from in pairs, in a sentence, or null. */
export const refusalOfPairs = (method: Method, sizes: ModelSizes): string | null => {
  if (!method.layout.thinks) return null
  if (method.calls)
    return `what a tool puts back into the context is not kept of the attempts of ${method.name}; expected a method that calls nothing`
  const { policy } = method.put(Program.zeros(method.specs(sizes), method.names(sizes)), sizes)
  if (!drawsRows(policy))
    return `${method.name} draws ${policy.name}; expected chains that are written, or latents that are rows`
  return policy.density === "scored"
    ? null
    : `pairs need latents with a density, and those of "${policy.name}" have none`
}
