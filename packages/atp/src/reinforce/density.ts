/** How likely stored latents are under a policy, at the states that they were drawn at. */
import { type Dim, Tensor } from "@noema/tensor"
import type { AnyPolicy } from "../policy/policy.ts"
import type { Stored, Thinking } from "./stored.ts"

type ByComponent = Tensor.Tensor<["batch", "latents", Dim]>

/** Log-densities by component, and the entropy of what they are of where that is known. */
export interface Densities {
  readonly density: ByComponent
  readonly entropy: ByComponent | null
}

/**
 * The log-density of stored latents by component, and the entropy of what they were drawn from where that is known; null of a
 * policy without a density.
 */
export const densityOf = (
  policy: AnyPolicy,
  { latents, states }: Thinking,
  { drawn = [] }: Pick<Stored, "drawn">
): Densities | null => {
  const dist = policy.dist<["batch", "latents"]>(states)
  if (dist.logProb === undefined) return null
  if ("scoresAt" in dist) {
    const scores: Tensor.Tensor<["batch", "latents", "vocabulary"]> = Tensor.stack(
      drawn.flatMap((each) => each.scores),
      1,
      "latents"
    )
    return { density: dist.logProb!(scores), entropy: dist.entropy ?? null }
  }
  if (!("draws" in dist)) return { density: dist.logProb(latents), entropy: dist.entropy ?? null }
  const along = <T>(of: (time: number) => ReadonlyArray<T>) =>
    Array.from({ length: dist.draws }, (_, i) => drawn.map((_, time) => of(time)[i]!))
  const symbols = along((time) => drawn[time]!.symbols).map((each): Tensor.Tensor<["batch", "latents"], "i32"> =>
    Tensor.stack(each, 1, "latents")
  )
  return {
    density: Tensor.stack(dist.logProb(symbols), 2),
    entropy: dist.entropy === undefined ? null : Tensor.stack(dist.entropy, 2)
  }
}
