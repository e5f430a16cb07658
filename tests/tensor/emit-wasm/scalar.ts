/** Float64 values of the unary functions, from the interpreter. */
import * as build from "@noema/tensor/graph"
import { interpret } from "@noema/tensor/reference"

type Unary = Parameters<typeof build.unary>[0]

export const evaluateUnary = (fn: Unary, x: number): number => {
  const input = build.input("x", [], "f32")
  return interpret({ inputs: [input], outputs: [build.unary(fn, input)] }, [Float64Array.of(x)])[0]![0]!
}
