/**
 * Parts: what a model is put together from. A part owns its parameters (specifications are their only declaration), their
 * first values, and what they do.
 */
import { Program } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import { derive, type Key } from "../random/key.ts"
import type { Backbone } from "./backbone.ts"
import type { Initialiser } from "./initial.ts"
import { type ModelSizes, namedSizes } from "./sizes.ts"

/** The first values of parameters, in the tree of their specifications. */
export type InitialsOf<S> = S extends Program.Spec ? Initialiser : { readonly [K in keyof S]: InitialsOf<S[K]> }

/** What a part's function is given beside its own parameters. */
export interface Around {
  readonly sizes: ModelSizes
  readonly backbone: Backbone
}

/** A part with parameters of the form `S` that becomes a `U` in a traced function; `W` is what it needs around it. */
export interface Part<S extends Program.AnySpecs, U, W = Around> {
  specs(sizes: ModelSizes): S
  /** What the names in its specifications stand for. */
  names(sizes: ModelSizes): Program.NamedSizes
  init(key: Key, sizes: ModelSizes): Program.HostOf<Program.TensorsOf<S>>
  use(parameters: Program.TensorsOf<S>, around: W): U
}

/** Any part that becomes a `U`. */
export interface AnyPart<U = unknown, W = Around> {
  specs(sizes: ModelSizes): Program.AnySpecs
  names(sizes: ModelSizes): Program.NamedSizes
  init(key: Key, sizes: ModelSizes): Program.AnyValues
  use(parameters: Program.AnyTensors, around: W): U
}

const isInitialiser = (value: unknown): value is Initialiser => typeof value === "function"

/**
 * A part from its specifications, the first values of its parameters, and what they do. Axes are named: `"width"`,
 * `"hidden"`, `"heads*head"` and so on stand for the sizes of the model, and `sizes` gives names of the part's own. What
 * depends on the sizes of the model is a function of them.
 *
 *     const scale = part({
 *       specs: { weight: spec(["width"]) },
 *       init: { weight: Initial.ones },
 *       use: ({ weight }) => <B extends Shape>(x: Tensor<[...B, "width"]>) => Tensor.mul(x, weight)
 *     })
 */
export const part = <const S extends Program.AnySpecs, U, W = Around>(options: {
  readonly specs: S | ((sizes: ModelSizes) => S)
  readonly init: InitialsOf<S> | ((sizes: ModelSizes) => InitialsOf<S>)
  readonly sizes?: (sizes: ModelSizes) => Program.NamedSizes
  readonly use: (parameters: Program.TensorsOf<S>, around: W) => U
}): Part<S, U, W> => {
  const specs = (sizes: ModelSizes): S =>
    typeof options.specs === "function" ? (options.specs as (sizes: ModelSizes) => S)(sizes) : options.specs
  const names = (sizes: ModelSizes) => ({ ...namedSizes(sizes), ...options.sizes?.(sizes) })
  return {
    specs,
    names,
    init: (key, sizes) => {
      const given =
        typeof options.init === "function" ? (options.init as (sizes: ModelSizes) => unknown)(sizes) : options.init
      const { leaves, paths } = takeApart(given, isInitialiser, "", "an initialiser")
      const at = new Map(paths.map((path, i) => [path, leaves[i]!]))
      return Program.values(specs(sizes), names(sizes), ({ path, sizes }) =>
        at.get(path)!(derive(key, ...path.split(".")), sizes)
      )
    },
    use: options.use
  }
}
