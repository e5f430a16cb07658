/** Derivatives of a graph against finite differences on the reference interpreter. */
import * as G from "@noema/tensor/graph"
import { add, axesOf, type Data, fill, type Graph, mul, type Node, sum } from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"
import type { Value } from "@noema/tensor/reference"
import { pullback } from "../transform/pullback.ts"
import { slopeAtZero } from "./finite-differences.ts"
import type { Slope } from "./finite-differences.ts"

/** How closely derivatives are checked, and which. */
export interface CheckOptions {
  /** Largest difference allowed, relative to the larger of the two derivatives (or to 1e-3). Default 1e-5. */
  readonly tolerance?: number
  /** Step of the differences. Default 1e-4. */
  readonly step?: number
  /** Number of random directions. Default 3. */
  readonly directions?: number
  /** Coordinates checked one by one; where there are more, that many are drawn. Default 64. */
  readonly coordinates?: number
  /** Seed of the directions, the drawn coordinates, and the weights that make one number of the outputs. Default 0. */
  readonly seed?: number
}

/** One derivative, by the rules and by finite differences. */
export interface Comparison {
  /** The input and the element in it; `null` for a random direction through all inputs. */
  readonly at: { readonly input: number; readonly element: number } | null
  readonly analytic: number
  readonly numeric: Slope
  readonly allowed: number
}

export const disagrees = ({ analytic, numeric, allowed }: Comparison): boolean =>
  !(Math.abs(analytic - numeric.value) <= allowed)

/** Every derivative of the real outputs of a graph in its real inputs that the options ask for. */
export const checkGraph = (
  graph: Graph,
  values: ReadonlyArray<Data>,
  { tolerance = 1e-5, step = 1e-4, directions = 3, coordinates = 64, seed = 0 }: CheckOptions = {}
): ReadonlyArray<Comparison> => {
  const loss = projection(graph.outputs, seed)
  const inputs = graph.inputs.flatMap((node, i) => (node.dtype === "f32" ? [i] : []))
  const wrt = inputs.map((i) => graph.inputs[i]!)
  const gradients = pullback([loss], [fill(1, [])], wrt).map((g, i) => g ?? fill(0, wrt[i]!.sizes))
  const analytic = interpret({ inputs: graph.inputs, outputs: gradients }, values)
  const compare = (at: Comparison["at"], direction: (slot: number, element: number) => number): Comparison => {
    const lossAt = (t: number): number => {
      const moved = values.map((data, i) => {
        const slot = inputs.indexOf(i)
        return slot < 0 ? data : Float64Array.from(data, (x, element) => x + t * direction(slot, element))
      })
      return interpret({ inputs: graph.inputs, outputs: [loss] }, moved)[0]![0]!
    }
    const numeric = slopeAtZero(lossAt, step)
    const { slope, terms } = along(analytic, direction)
    const scale = Math.max(1e-3, Math.abs(slope), Math.abs(numeric.value))
    // Constants of rules are f32: where terms cancel, what is left is no more exact than they were.
    const allowed = tolerance * scale + terms * 2 ** -23 + 4 * numeric.uncertainty
    return { at, analytic: slope, numeric, allowed }
  }
  const cells = inputs.flatMap((input, slot) =>
    Array.from({ length: values[input]!.length }, (_, element) => ({ input, slot, element }))
  )
  const lot = weights(cells.length, seed, 1)
  const drawn =
    cells.length <= coordinates
      ? cells
      : cells
          .map((cell, i) => ({ cell, lot: lot[i]! }))
          .sort((a, b) => a.lot - b.lot)
          .slice(0, coordinates)
          .map(({ cell }) => cell)
  return [
    ...Array.from({ length: directions }, (_, k) => {
      const toward = analytic.map((g, slot) => weights(g.length, seed, 2 + k * analytic.length + slot))
      return compare(null, (slot, element) => toward[slot]![element]!)
    }),
    ...drawn.map(({ input, slot, element }) =>
      compare({ input, element }, (otherSlot, other) => (otherSlot === slot && other === element ? 1 : 0))
    )
  ]
}

/**
 * The derivative along a direction, and how large its terms are together. What a direction does not touch does not
 * count, whatever its derivative.
 */
const along = (gradients: ReadonlyArray<Value>, direction: (slot: number, element: number) => number) => {
  let [slope, terms] = [0, 0]
  gradients.forEach((gradient, slot) => {
    for (let element = 0; element < gradient.length; element++) {
      const step = direction(slot, element)
      if (step === 0) continue
      slope += gradient[element]! * step
      terms += Math.abs(gradient[element]! * step)
    }
  })
  return { slope, terms }
}

/** Random numbers in [-1, 1). */
const weights = (length: number, seed: number, stream: number): Float64Array => {
  const key = G.constant(Int32Array.of(seed, stream), [2], "i32")
  const drawn = interpret({ inputs: [], outputs: [G.uniform(key, [length])] }, [])[0]!
  return Float64Array.from(drawn, (x) => 2 * x - 1)
}

/** The real outputs as one number: a sum with random weights, so that no wrong derivative cancels. */
const projection = (outputs: ReadonlyArray<Node>, seed: number): Node =>
  outputs
    .filter((output) => output.dtype === "f32")
    .map((output, k) => {
      const weight = G.constant(weights(G.count(output.sizes), seed, -1 - k), output.sizes, "f32")
      return sum(mul(output, weight), axesOf(output))
    })
    .reduce(add, fill(0, []))
