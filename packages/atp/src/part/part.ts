/**
 * Parts: what a model is put together from. A part owns its parameters (specifications are their only declaration), their
 * first values, and what they do.
 */
import { Program } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import { derive, type Key } from "../random/key.ts"
import type { Backbone } from "./backbone.ts"
import type { Initialiser } from "./initial.ts"
import { type ModelSizes, namedSizes, type SizeName, type SizeNames } from "./sizes.ts"

/** The first values of parameters, in the tree of their specifications. */
export type InitialsOf<S> = S extends Program.Spec ? Initialiser : { readonly [K in keyof S]: InitialsOf<S[K]> }

/** What depends on the sizes of a model, or does not. */
type OfSizes<T> = T | ((sizes: ModelSizes) => T)

/** What a part's function is given beside its own parameters. */
export interface Around {
  readonly sizes: ModelSizes
  readonly backbone: Backbone
}

/** A part with parameters of the form `S` that becomes a `U` in a traced function; `W` is what it needs around it. */
export interface Part<S extends Program.AnySpecs, U, W = Around> {
  /** What people call it; left out where it has no name of its own. */
  readonly name?: string
  specs(sizes: ModelSizes): S
  /** What the names in its specifications stand for. */
  names(sizes: ModelSizes): Program.NamedSizes
  init(key: Key, sizes: ModelSizes): Program.HostOf<Program.TensorsOf<S>>
  use(parameters: Program.TensorsOf<S>, around: W): U
}

/** Any part that becomes a `U`. */
export interface AnyPart<U = unknown, W = Around> {
  readonly name?: string
  specs(sizes: ModelSizes): Program.AnySpecs
  names(sizes: ModelSizes): Program.NamedSizes
  init(key: Key, sizes: ModelSizes): Program.AnyValues
  use(parameters: Program.AnyTensors, around: W): U
}

/** What a part is made from. */
interface PartRecord<S extends Program.AnySpecs, U, W> {
  readonly name?: string
  readonly specs: OfSizes<S>
  readonly init: OfSizes<InitialsOf<S>>
  /** What names of the part's own stand for, in a model of such sizes. */
  readonly sizes?: Readonly<Record<string, (sizes: ModelSizes) => number>>
  readonly use: (parameters: Program.TensorsOf<S>, around: W) => U
}

/** A record as `part` takes it: a name without a size, and a parameter without a first value, are sentences. */
interface CheckedRecord<S extends Program.AnySpecs, N extends string, I, U, W> extends Omit<
  PartRecord<S, U, W>,
  "init" | "sizes" | "specs"
> {
  readonly specs: Sized<S, NoInfer<N>>
  readonly init: Begun<S, I>
  readonly sizes?: { readonly [K in N]: (sizes: ModelSizes) => number }
}

type Sized<S extends Program.AnySpecs, N extends string> =
  string extends Program.NamesOf<S>
    ? OfSizes<S>
    : [Exclude<Program.NamesOf<S>, N | SizeName>] extends [never]
      ? OfSizes<S>
      : `specs: no size is called ${Exclude<Program.NamesOf<S>, N | SizeName>}; a model has ${SizeNames}, and sizes may give more`

/** First values as they are wanted, while nothing is inferred yet and where none is missing. */
type Begun<S, I> = unknown extends I
  ? OfSizes<InitialsOf<NoInfer<S>>>
  : Missing<S, I extends (sizes: never) => infer R ? R : I> extends infer M extends string
    ? [M] extends [never]
      ? OfSizes<InitialsOf<NoInfer<S>>>
      : `init: the parameter ${M} has a specification and no first value`
    : I

/** The paths of specifications that have no first value. */
type Missing<S, I> = string extends keyof S
  ? never
  : {
      [K in keyof S & string]: K extends keyof I
        ? S[K] extends Program.Spec | ReadonlyArray<unknown>
          ? never
          : `${K}.${Missing<S[K], I[K]>}`
        : K
    }[keyof S & string]

const depends = <T>(value: OfSizes<T>): value is (sizes: ModelSizes) => T => typeof value === "function"

/** What is there in a model of such sizes. */
const at = <T>(sizes: ModelSizes, value: OfSizes<T>): T => (depends(value) ? value(sizes) : value)

const isInitialiser = (value: unknown): value is Initialiser => typeof value === "function"

/**
 * A part from its specifications, the first values of its parameters, and what they do. Axes are named: `"width"`,
 * `"hidden"`, `"heads*head"` and so on stand for the sizes of the model, and `sizes` gives names of the part's own. What
 * depends on the sizes of the model is a function of them.
 *
 * @example
 * const scale = Part.part({
 *   specs: { weight: Program.spec(["width"]) },
 *   init: { weight: Part.Initial.ones },
 *   use: ({ weight }) => <B extends Shape>(x: Tensor.Tensor<[...B, "width"]>) => Tensor.mul(x, weight)
 * })
 * scale.init(Key.fromSeed(1), sizes).weight.data // => [1, 1]
 * scale.use({ weight: Tensor.full([named("width", 2)], 5) }, { sizes, backbone })(hidden) // => [[15, 5]]
 */
export function part<const S extends Program.AnySpecs, U, W = Around, N extends string = never, I = unknown>(
  record: CheckedRecord<S, N, I, U, W>
): Part<S, U, W>
export function part<S extends Program.AnySpecs, U, W>(options: PartRecord<S, U, W>): Part<S, U, W> {
  const specs = (sizes: ModelSizes): S => at(sizes, options.specs)
  const names = (sizes: ModelSizes) => ({
    ...namedSizes(sizes),
    ...Object.fromEntries(Object.entries(options.sizes ?? {}).map(([name, of]) => [name, of(sizes)]))
  })
  return {
    ...(options.name === undefined ? {} : { name: options.name }),
    specs,
    names,
    init: (key, sizes) => {
      const { leaves, paths } = takeApart(at(sizes, options.init), isInitialiser, "", "an initialiser")
      const firsts = new Map(paths.map((path, i) => [path, leaves[i]!]))
      return Program.values(specs(sizes), names(sizes), ({ path, sizes }) =>
        firsts.get(path)!(derive(key, ...path.split(".")), sizes)
      )
    },
    use: options.use
  }
}
