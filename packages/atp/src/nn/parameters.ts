/**
 * Parameter trees. A layer's parameters are a type over its leaves, so the same tree type holds arrays on the host, tensors
 * in a traced function, gradients, and optimiser moments.
 */
import { type Dim, Program, type Shape, type Tensor } from "@noema/tensor"
import { derive, draws, type Key } from "../random/key.ts"
import type { Reals } from "./graph.ts"
import type { SpecTree } from "./program.ts"
import type { HostTensor, Weights } from "../weights/safetensors.ts"

declare const axes: unique symbol

/** An array on the host with its sizes; its type names its axes. */
export interface Values<out S extends Shape = Shape> {
  readonly shape: ReadonlyArray<number>
  readonly data: Float32Array
  /** Never there: what the type is of. */
  readonly [axes]?: S
}

/** A parameter with these axes in a tree of arrays (`L` is `Values`) or of tensors (`Reals`). */
export type Leaf<L, S extends Shape> = [L] extends [Values] ? Values<S> : [L] extends [Reals] ? Tensor.Tensor<S> : L

const isBranch = (value: unknown, isLeaf: (value: unknown) => boolean): value is object =>
  typeof value === "object" && value !== null && !isLeaf(value)

/** The leaves with their paths, in the order of the tree: `blocks.0.query`. */
export const leaves = <L>(
  tree: unknown,
  isLeaf: (value: unknown) => boolean
): ReadonlyArray<readonly [path: string, leaf: L]> => {
  const walk = (value: unknown, path: string): ReadonlyArray<readonly [string, L]> =>
    isBranch(value, isLeaf)
      ? Object.entries(value).flatMap(([name, child]) => walk(child, path === "" ? name : `${path}.${name}`))
      : value === null || value === undefined
        ? []
        : [[path, value as L]]
  return walk(tree, "")
}

/** The same tree with other leaves. */
export const mapLeaves = (
  tree: unknown,
  isLeaf: (value: unknown) => boolean,
  change: (leaf: never, path: string) => unknown
): unknown => {
  const walk = (value: unknown, path: string): unknown => {
    if (!isBranch(value, isLeaf)) return value === null || value === undefined ? value : change(value as never, path)
    const child = (name: string, inner: unknown) => walk(inner, path === "" ? name : `${path}.${name}`)
    return Array.isArray(value)
      ? value.map((inner, i) => child(`${i}`, inner))
      : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, child(name, inner)]))
  }
  return walk(tree, "")
}

/** Whether a node of a tree is an array on the host. */
export const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && "data" in value && ArrayBuffer.isView(value.data)

/** Specifications of a tree of host arrays, for programs that take a tree of tensors in its form. */
export const specsOf = <T>(tree: unknown): SpecTree<T> =>
  mapLeaves(tree, isValues, (leaf: Values) => Program.spec(leaf.shape as Shape)) as SpecTree<T>

/** How many numbers the arrays of a tree hold. */
export const countOf = (tree: unknown): number =>
  leaves<Values>(tree, isValues).reduce((sum, [, { data }]) => sum + data.length, 0)

/** A size for every axis. */
type Sizes<S extends Shape> = { readonly [I in keyof S]: number }

const countOfSizes = (sizes: ReadonlyArray<number>): number => sizes.reduce((product, size) => product * size, 1)

/** Independent normal values. */
export const normal = <S extends Shape>(key: Key, shape: NoInfer<Sizes<S>>, deviation: number): Values<S> => {
  const random = draws(key)
  const length = countOfSizes(shape)
  const data = Float32Array.from(
    { length },
    () => deviation * Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  )
  return { shape, data }
}

/** One value in every place. */
export const filled = <S extends Shape>(shape: NoInfer<Sizes<S>>, value: number): Values<S> => ({
  shape,
  data: new Float32Array(countOfSizes(shape)).fill(value)
})

/** A weight [from, to] whose outputs have the variance of its inputs. */
export const linearValues = <K extends Dim, N extends Dim>(key: Key, from: number, to: number): Values<[K, N]> =>
  normal<[K, N]>(derive(key, "linear"), [from, to], 1 / Math.sqrt(from))

const dtypeOf = (data: HostTensor["data"]): HostTensor["dtype"] =>
  data instanceof Int32Array ? "i32" : data instanceof Uint8Array ? "bool" : "f32"

/** The sizes of an array: its shape, unless that has names. */
const sizesOf = (array: { readonly shape: ReadonlyArray<number>; readonly sizes?: ReadonlyArray<number> }) =>
  array.sizes ?? array.shape

/** A tree of host arrays of any dtype, such as `Resident.get` gives, as weights with names such as `layers.0.w`. */
export const toWeights = (tree: unknown, metadata: ReadonlyMap<string, string> = new Map()): Weights => ({
  tensors: new Map(
    leaves<Pick<HostTensor, "shape" | "data">>(tree, isValues).map(([path, array]): [string, HostTensor] => [
      path,
      { dtype: dtypeOf(array.data), shape: sizesOf(array), data: array.data }
    ])
  ),
  metadata
})

/** What a tree asks of weights and they lack; null if they fit. The first difference is named. */
export const firstDifference = (tree: unknown, { tensors }: Weights): string | null => {
  const wanted = leaves<Values>(tree, isValues)
  for (const [path, array] of wanted) {
    const found = tensors.get(path)
    if (found === undefined) return `${path} is missing`
    const [sizes, dtype] = [sizesOf(array), dtypeOf(array.data)]
    if (found.shape.join() !== sizes.join()) return `${path} is [${found.shape}], expected [${sizes}]`
    if (found.dtype !== dtype) return `${path} is ${found.dtype}, expected ${dtype}`
  }
  const names = new Set(wanted.map(([path]) => path))
  const extra = [...tensors.keys()].find((name) => !names.has(name))
  return extra === undefined ? null : `${extra} is not part of the model`
}

/** The weights in the form of a tree they fit, of which `firstDifference` is null. */
export const fromWeights = <T>(tree: T, { tensors }: Weights): T =>
  mapLeaves(tree, isValues, (array: Values, path) => ({ shape: sizesOf(array), data: tensors.get(path)!.data })) as T
