/**
 * Parameter trees. A layer's parameters are a type over its leaves, so the same tree type holds arrays on the host, tensors
 * in a traced function, gradients, and optimiser moments.
 */
import { Program, type Shape } from "@noema/tensor"
import { derive, draws, type Key } from "../random/key.ts"
import type { HostTensor, Weights } from "../weights/safetensors.ts"

/** An array on the host with its shape. */
export interface Values {
  readonly shape: ReadonlyArray<number>
  readonly data: Float32Array
}

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

export const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && "data" in value && ArrayBuffer.isView(value.data)

/** Specifications of a tree of host arrays, for programs that take it. */
export const specsOf = (tree: unknown): unknown =>
  mapLeaves(tree, isValues, (leaf: Values) => Program.spec(leaf.shape as Shape))

export const countOf = (tree: unknown): number =>
  leaves<Values>(tree, isValues).reduce((sum, [, { data }]) => sum + data.length, 0)

/** Independent normal values. */
export const normal = (key: Key, shape: ReadonlyArray<number>, deviation: number): Values => {
  const random = draws(key)
  const length = shape.reduce((product, size) => product * size, 1)
  const data = Float32Array.from(
    { length },
    () => deviation * Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
  )
  return { shape, data }
}

export const filled = (shape: ReadonlyArray<number>, value: number): Values => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value)
})

/** A weight [from, to] whose outputs have the variance of its inputs. */
export const linearValues = (key: Key, from: number, to: number): Values =>
  normal(derive(key, "linear"), [from, to], 1 / Math.sqrt(from))

/** A tree of host arrays as named weights. */
export const toWeights = (tree: unknown, metadata: ReadonlyMap<string, string> = new Map()): Weights => ({
  tensors: new Map(
    leaves<Pick<HostTensor, "shape" | "data">>(tree, isValues).map(([path, { data, shape }]): [string, HostTensor] => [
      path,
      { dtype: data instanceof Int32Array ? "i32" : "f32", shape, data }
    ])
  ),
  metadata
})

/** What a tree asks of weights and they lack; null if they fit. The first difference is named. */
export const firstDifference = (tree: unknown, { tensors }: Weights): string | null => {
  const wanted = leaves<Values>(tree, isValues)
  for (const [path, { shape }] of wanted) {
    const found = tensors.get(path)
    if (found === undefined) return `${path} is missing`
    if (found.shape.join() !== shape.join()) return `${path} is [${found.shape}], expected [${shape}]`
  }
  const names = new Set(wanted.map(([path]) => path))
  const extra = [...tensors.keys()].find((name) => !names.has(name))
  return extra === undefined ? null : `${extra} is not part of the model`
}

/** The weights in the form of a tree they fit. */
export const fromWeights = <T>(tree: T, { tensors }: Weights): T =>
  mapLeaves(tree, isValues, ({ shape }: Values, path) => ({ shape, data: tensors.get(path)!.data })) as T
