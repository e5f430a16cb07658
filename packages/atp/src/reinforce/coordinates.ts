/** Reductions over the coordinates of one action's log-density, before its ratio is taken. */
import { type Dim, named, Tensor } from "@noema/tensor"

/**
 * From the log-density of actions by coordinate, and the log-probability of what was decided with them, to components.
 *
 * @example
 * const root: Reinforce.Coordinates.Coordinates = {
 *   name: "over the root of the width",
 *   components: () => 1,
 *   of: (density, decision) =>
 *     Tensor.mul(Reinforce.Coordinates.sum.of(density, decision), 1 / Math.sqrt(density.sizes[2] ?? 1))
 * }
 * root.of(Tensor.fromArray([[[1, 2, 3, 4]]]), null) // => [[[5]]]
 */
export interface Coordinates {
  readonly name: string
  /** How many components an action of so many coordinates has, with or without a decision. */
  readonly components: (width: number, decides: boolean) => number
  /** [batch, time, width] and, where something is decided, [batch, time] to [batch, time, components]. */
  readonly of: <B extends Dim, T extends Dim, W extends Dim>(
    density: Tensor.Tensor<[B, T, W]>,
    decision: Tensor.Tensor<[NoInfer<B>, NoInfer<T>]> | null
  ) => Tensor.Tensor<[B, T, Dim]>
}

const joint = (
  name: string,
  reduce: <B extends Dim, T extends Dim>(density: Tensor.Tensor<[B, T, Dim]>) => Tensor.Tensor<[B, T]>
): Coordinates => ({
  name,
  components: () => 1,
  of: (density, decision) => {
    const whole = reduce(density)
    return Tensor.expandDims(decision === null ? whole : Tensor.add(whole, decision), 2)
  }
})

/**
 * The log-density of the whole action, as ATP-Latent and Soft Tokens (arXiv 2509.19170) have it; one ratio each.
 *
 * @example
 * Reinforce.Coordinates.sum.of(Tensor.fromArray([[[1, 2, 3]]]), Tensor.fromArray([[10]])) // => [[[16]]]
 */
export const sum: Coordinates = joint("sum", (density) => Tensor.sum(density, 2))

/**
 * Its mean over coordinates, CoLaR (arXiv 2505.16552): the clip does not close as latents become wider.
 *
 * @example
 * Reinforce.Coordinates.mean.of(Tensor.fromArray([[[1, 2, 3]]]), null) // => [[[2]]]
 */
export const mean: Coordinates = joint("mean", (density) => Tensor.mean(density, 2))

/** Coordinates of a row, or symbols: from here on they are components. */
const asComponents = <B extends Dim, T extends Dim>(
  all: Tensor.Tensor<[B, T, Dim]>
): Tensor.Tensor<[B, T, "components"]> => Tensor.narrow(all, 2, 0, named("components", all.sizes[2]!))

/**
 * Every coordinate and the decision with a ratio of its own, whose losses are added, as Multiplex Thinking
 * (arXiv 2601.08808) does with the symbols that it draws at one place.
 *
 * @example
 * const { components, of } = Reinforce.Coordinates.perComponent
 * of(Tensor.fromArray([[[1, 2, 3]]]), Tensor.fromArray([[10]])) // => [[[1, 2, 3, 10]]]
 * components(3, true) // => 4
 */
export const perComponent: Coordinates = {
  name: "per-component",
  components: (width, decides) => width + Number(decides),
  of: (density, decision) =>
    asComponents(decision === null ? density : Tensor.concat([density, Tensor.expandDims(decision, 2)], 2))
}
