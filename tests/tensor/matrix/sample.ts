/** Small random graphs with data, and how they print when a property fails. */
import { count, describe } from "@noema/tensor/graph"
import type { Data, DType, Graph, Node } from "@noema/tensor/graph"
import * as fc from "fast-check"
import { printGraph } from "../../../packages/tensor/src/graph/print.ts"
import { uniformAt } from "../../../packages/tensor/src/graph/threefry.ts"

export interface Sample {
  readonly graph: Graph
  readonly inputs: ReadonlyArray<Data>
  readonly [fc.toStringMethod]: () => string
}

/** Where numbers are drawn from: uniformly, with one in eight taken from `special`. */
export interface Range {
  readonly low: number
  readonly high: number
  readonly special?: ReadonlyArray<number>
  /** Values are multiples of this. */
  readonly grid?: number
}

export const unit: Range = { low: -1, high: 1, special: [0, 1, -1] }

/** The same seed gives the same numbers, so that shrinking a shape keeps its data. */
export const draw = (dtype: DType, length: number, range: Range, seed: number): Data => {
  const element = (_: unknown, i: number): number => {
    const special = range.special ?? []
    if (special.length > 0 && uniformAt(seed, 1, i, 0) < 1 / 8)
      return special[Math.floor(uniformAt(seed, 2, i, 0) * special.length)]!
    const value = range.low + (range.high - range.low) * uniformAt(seed, 3, i, 0)
    return range.grid === undefined ? value : Math.round(value / range.grid) * range.grid
  }
  if (dtype === "f32") return Float32Array.from({ length }, element)
  if (dtype === "i32") return Int32Array.from({ length }, element)
  return Uint8Array.from({ length }, (_, i) => (uniformAt(seed, 4, i, 0) < 1 / 2 ? 1 : 0))
}

export const sample = (
  outputs: ReadonlyArray<Node>,
  inputs: ReadonlyArray<readonly [Node, Range]>,
  seed: number
): Sample => {
  const graph = { inputs: inputs.map(([node]) => node), outputs }
  const data = inputs.map(([node, range], i) => draw(node.dtype, count(node.sizes), range, seed + 1000 * i))
  return {
    graph,
    inputs: data,
    [fc.toStringMethod]: () =>
      `${printGraph(graph)}\n${data.map((values, i) => `${describe(graph.inputs[i]!)}: ${values.slice(0, 24).join(" ")}`).join("\n")}`
  }
}

/** Sizes of one axis: small, with 0, 1 and beyond a vector's width. */
export const size: fc.Arbitrary<number> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constant(1) },
  { weight: 12, arbitrary: fc.integer({ min: 2, max: 9 }) },
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 37 }) }
)

export const atLeastOne: fc.Arbitrary<number> = size.map((n) => Math.max(n, 1))

/** Rank 0 to 4, at most 2,000 elements. */
export const sizes: fc.Arbitrary<ReadonlyArray<number>> = fc
  .array(size, { maxLength: 4 })
  .filter((list) => count(list) <= 2000)

/** Rank 1 to 4. */
export const ranked: fc.Arbitrary<ReadonlyArray<number>> = fc
  .array(size, { minLength: 1, maxLength: 4 })
  .filter((list) => count(list) <= 2000)

export const seeds: fc.Arbitrary<number> = fc.nat(999)

/** A permutation of 0..n-1 chosen by `pick`, the identity for 0. */
export const permutation = (n: number, pick: number): ReadonlyArray<number> => {
  const left = Array.from({ length: n }, (_, i) => i)
  return Array.from({ length: n }, (_, i) => left.splice(Math.floor(pick / 3 ** i) % left.length, 1)[0]!)
}
