/**
 * Programs whose right values are known beforehand: what f32 arithmetic gives, what a definition says of NaN, where a
 * sum must end. The matrix compares devices with the interpreter; these hold the interpreter to its word as well.
 */
import { Tensor } from "@noema/tensor"
import { input } from "@noema/tensor/graph"
import type { Data, DType, Graph } from "@noema/tensor/graph"
import { disagreement, exact, type Tolerance } from "../agreement.ts"

/** An argument of a program: its values, and its sizes where it is no vector. */
export interface Given {
  readonly data: Data
  readonly sizes?: ReadonlyArray<number>
}

/** What one result must be: its values, or what every value must satisfy. */
export type Right = ReadonlyArray<number> | ((value: number, index: number) => boolean)

export interface Known {
  readonly name: string
  readonly given: ReadonlyArray<Given>
  readonly of: (...tensors: ReadonlyArray<any>) => ReadonlyArray<Tensor.AnyTensor>
  readonly right: ReadonlyArray<Right>
  /** Exact unless told. */
  readonly within?: Tolerance
  /** What holds on graphics adapters, whose functions are less exact; as elsewhere unless told. */
  readonly onGraphics?: Tolerance
  /** Devices of `devices.ts` and modes of gpu.js that it does not hold on, with the reason. */
  readonly except?: Readonly<Record<string, string>>
}

export const floats = (...values: ReadonlyArray<number>): Given => ({ data: Float32Array.from(values) })
export const wholes = (...values: ReadonlyArray<number>): Given => ({ data: Int32Array.from(values) })
export const shaped = (sizes: ReadonlyArray<number>, { data }: Given): Given => ({ data, sizes })

const dtypeOf = (data: Data): DType =>
  data instanceof Int32Array ? "i32" : data instanceof Uint8Array ? "bool" : "f32"

export const graphOf = ({ given, of }: Known): Graph => {
  const inputs = given.map(({ data, sizes }, i) => input(`x${i}`, sizes ?? [data.length], dtypeOf(data)))
  return { inputs, outputs: of(...inputs.map((node) => Tensor.fromNode(node))).map(({ node }) => node) }
}

/** What is wrong with the found results, or null. */
export const judgeKnown = (
  { right, within = exact, onGraphics }: Known,
  graph: Graph,
  found: ReadonlyArray<Data>,
  where: "host" | "graphics" = "host"
): string | null => {
  for (const [j, expected] of right.entries()) {
    const values = found[j]!
    const tolerance = where === "graphics" ? (onGraphics ?? within) : within
    if (typeof expected !== "function") {
      const wrong = disagreement(values, Float64Array.from(expected), graph.outputs[j]!.dtype, tolerance)
      if (wrong !== null) return `result ${j}: ${wrong}`
      continue
    }
    const place = values.findIndex((value, i) => !expected(value, i))
    if (place >= 0) return `result ${j}: found ${values[place]} at ${place}`
  }
  return null
}
