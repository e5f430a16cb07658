/** Trees of values as named weights: `layers.0.w`. */
import { Program } from "@noema/tensor"
import { mapLeaves, takeApart } from "@noema/tensor/tree"
import { plain } from "../input/shown.ts"
import type { HostTensor, Weights } from "./safetensors.ts"

const isValue = (value: unknown): value is Program.AnyHostTensor => Program.isHostTensor(value)

/** The values of a tree by name. */
export const namedValues = (tree: Program.AnyValues): ReadonlyMap<string, Program.AnyHostTensor> => {
  const { leaves, paths } = takeApart(tree, isValue, "", "an array")
  return new Map(paths.map((path, i) => [path, leaves[i]!]))
}

/**
 * How many numbers a tree holds.
 *
 * @example
 * Weights.countOf(Methods.coconut.init(Key.fromSeed(1), sizes)) // => 78
 */
export const countOf = (tree: Program.AnyValues): number =>
  [...namedValues(tree).values()].reduce((sum, { data }) => sum + data.length, 0)

const asWeight = ({ data, dtype, sizes }: Program.AnyHostTensor): HostTensor => ({ dtype, shape: sizes, data })

/**
 * A tree as weights: arrays by their paths, such as `backbone.embedding`.
 *
 * @example
 * const { tensors } = Weights.toWeights(Methods.coconut.init(Key.fromSeed(1), sizes))
 * tensors.get("backbone.embedding")?.shape // => [8, 2]
 */
export const toWeights = (tree: Program.AnyValues, metadata: ReadonlyMap<string, string> = new Map()): Weights => ({
  tensors: new Map([...namedValues(tree)].map(([name, value]) => [name, asWeight(value)])),
  metadata
})

/**
 * What a tree asks of weights and they lack; null if they fit. The first difference is named.
 *
 * @example
 * const parameters = Methods.coconut.init(Key.fromSeed(1), sizes)
 * const wider = Methods.coconut.init(Key.fromSeed(1), { ...sizes, width: 4 })
 * Weights.firstDifference(parameters, Weights.toWeights(wider)) // => "backbone.embedding is [8,4], expected [8,2]"
 */
export const firstDifference = (tree: Program.AnyValues, { tensors }: Weights): string | null => {
  const wanted = namedValues(tree)
  for (const [name, { dtype, sizes }] of wanted) {
    const found = tensors.get(name)
    if (found === undefined) return `${name} is missing`
    if (found.shape.join() !== sizes.join()) return `${name} is [${plain(found.shape.join(), 80)}], expected [${sizes}]`
    if (found.dtype !== dtype) return `${name} is ${found.dtype}, expected ${dtype}`
  }
  const extra = [...tensors.keys()].find((name) => !wanted.has(name))
  return extra === undefined ? null : `${plain(extra, 80)} is not part of the model`
}

/**
 * The weights in the form of a tree that they fit, of which `firstDifference` is null.
 *
 * @example
 * const [one, other] = [1, 2].map((seed) => Part.llama.init(Key.fromSeed(seed), sizes))
 * const read = Weights.fromWeights(one, Weights.toWeights(other))
 * read.embedding.data[0] === other.embedding.data[0] // => true
 */
export const fromWeights = <T extends Program.AnyValues>(tree: T, { tensors }: Weights): T => {
  const filled = ({ dtype, shape, sizes }: Program.AnyHostTensor, path: string): Program.AnyHostTensor =>
    new Program.HostTensor(shape, sizes, dtype, tensors.get(path)!.data)
  return mapLeaves(tree, isValue, filled, "an array")
}
