/** Host values for trees of specifications, made leaf by leaf. */
import { type HostOf, type TensorsOf } from "./forms.ts"
import { count, fill } from "../graph/algebra.ts"
import type { DType } from "../graph/node.ts"
import { wrong } from "../shape/errors.ts"
import { isSize } from "../shape/named.ts"
import { fromNode } from "../tensor/value.ts"
import { type DataOf, HostTensor } from "./host.ts"
import { isSpec } from "./spec.ts"
import { putTogether, takeApart } from "./tree.ts"

/** What names stand for, such as `{ batch: 64 }`. A product such as `"h*d"` is that of its factors unless it is named itself. */
export type NamedSizes = Readonly<Record<string, number>>

/**
 * The size of an axis. Throws `ShapeError` for a name that is not there.
 *
 * @example
 * Program.sizeOf("heads*head", { heads: 4, head: 16 }) // => 64
 * Program.sizeOf("width", {}) // throws "width": undefined is not a size
 */
export const sizeOf = (axis: number | string, sizes: NamedSizes): number => {
  if (typeof axis === "number") return axis
  const own = sizes[axis]
  const found = own ?? (axis.includes("*") ? count(axis.split("*").map((name) => sizeOf(name, sizes))) : undefined)
  return found !== undefined && isSize(found) ? found : wrong("size", { op: `"${axis}"`, x: `${found}` })
}

/** One leaf that is asked for: where it is, and how large. */
export interface LeafWanted {
  /** `layers.0.w`. */
  readonly path: string
  readonly sizes: ReadonlyArray<number>
  readonly dtype: DType
}

/**
 * A tree of host values in the form of specifications, each array made by `fill`. Throws `ShapeError` for a name without a
 * size.
 *
 * @example
 * const first = Program.values({ w: Program.spec(["in", 2]) }, { in: 3 }, () => new Float32Array(6))
 * first.w.sizes // => [3, 2]
 */
export const values = <const Specs>(
  specs: Specs,
  sizes: NamedSizes,
  fill: (leaf: LeafWanted) => DataOf<DType>
): HostOf<TensorsOf<Specs>> => {
  const { structure, leaves, paths } = takeApart(specs, isSpec, "", "a specification")
  return putTogether(structure, (i) => {
    const { dtype, shape } = leaves[i]!
    const bound = shape.map((axis) => sizeOf(axis, sizes))
    const data = fill({ path: paths[i]!, sizes: bound, dtype })
    return new HostTensor(shape, bound, dtype, data as DataOf<typeof dtype>)
  }) as HostOf<TensorsOf<Specs>>
}

/**
 * A tree of zeros in the form of specifications. Throws `ShapeError` for a name without a size.
 *
 * @example
 * const { cache } = Program.zeros({ cache: Program.spec(["batch", 2]) }, { batch: 3 })
 * cache // => [[0, 0], [0, 0], [0, 0]]
 */
export const zeros = <const Specs>(specs: Specs, sizes: NamedSizes): TensorsOf<Specs> => {
  const { structure, leaves } = takeApart(specs, isSpec, "", "a specification")
  return putTogether(structure, (i) => {
    const { dtype, shape } = leaves[i]!
    return fromNode(
      fill(
        0,
        shape.map((axis) => sizeOf(axis, sizes)),
        dtype
      ),
      shape
    )
  }) as TensorsOf<Specs>
}
