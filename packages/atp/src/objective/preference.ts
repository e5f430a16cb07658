/** How a method learns from pairs of attempts of which one is right and one is wrong, in place of chains. */
import { BadObjective } from "./errors.ts"

/** How a pair is learnt from. */
export interface Preference {
  readonly name: string
  /**
   * The beta of `contrast`: how what is to blame in a wrong attempt is found, by a model of right attempts and one of wrong
   * ones. Null where all of it is blamed alike.
   */
  readonly contrast: number | null
  /** How much a difference of log-ratios to the reference counts. */
  readonly gamma: number
  /** What a logistic loss is of: whole attempts, or the actions of both at the same place. */
  readonly by: "attempt" | "action"
}

/** What is told of pairs. */
export interface PreferenceOptions {
  readonly gamma?: number
  readonly by?: Preference["by"]
}

const made = (
  name: string,
  contrast: number | null,
  { by = "attempt", gamma = 0.1 }: PreferenceOptions
): Preference => {
  if (!(gamma > 0 && Number.isFinite(gamma)))
    throw new BadObjective({ reason: `a preference needs a gamma above 0, found ${gamma}` })
  return { name: `${name}, gamma ${gamma}${by === "action" ? ", by action" : ""}`, contrast, gamma, by }
}

/**
 * Pairs in which symbols of the wrong attempt are blamed by how much a model of right attempts and one of wrong ones disagree
 * on them, cDPO (arXiv 2411.19943): the less likely a symbol is under their contrast, the more it is made less likely. `by`
 * `"action"` is the loss of the released code, which pairs the symbols of both attempts by their place. Throws `BadObjective`
 * where beta is below 0 or gamma not above it.
 *
 *     L = -log sigmoid(gamma (sum_t log(pi / ref)(y+_t) - sum_t (1 - s_t) log(pi / ref)(y-_t))),  s = contrast of y-
 *
 * @example
 * Objective.contrastive().name // => "pairs by contrast 1, gamma 0.1"
 * Objective.contrastive({ beta: -1 }) // throws a contrast needs a beta of 0 or above, found -1
 */
export const contrastive = ({
  beta = 1,
  ...options
}: PreferenceOptions & { readonly beta?: number } = {}): Preference => {
  if (!(beta >= 0 && Number.isFinite(beta)))
    throw new BadObjective({ reason: `a contrast needs a beta of 0 or above, found ${beta}` })
  return made(`pairs by contrast ${beta}`, beta, options)
}

/**
 * Pairs in which all of the wrong attempt is blamed alike, DPO (arXiv 2305.18290). Throws `BadObjective` where gamma is not
 * above 0.
 *
 * @example
 * Objective.dpo({ gamma: 1, by: "action" }).name // => "pairs, gamma 1, by action"
 */
export const dpo = (options: PreferenceOptions = {}): Preference => made("pairs", null, options)
