/** What is known of the elements of an integer tensor before it is computed. */
import type { Node } from "@noema/tensor/graph"

/** Whether every index is a row of a table of `rows`. */
export const isWithin = (index: Node, rows: number): boolean => {
  const { least, most } = bounds(index)
  return least >= 0 && most < rows
}

interface Bounds {
  readonly least: number
  readonly most: number
}

const unbounded: Bounds = { least: -Infinity, most: Infinity }

/** What is known of the smallest and the largest element of an integer tensor. */
export const bounds = ({ op, inputs, sizes }: Node): Bounds => {
  switch (op.kind) {
    case "scalar":
      return { least: op.value, most: op.value }
    case "constant":
      return (op.data as ReadonlyArray<number> & typeof op.data).reduce(
        (so: Bounds, value: number) => ({ least: Math.min(so.least, value), most: Math.max(so.most, value) }),
        { least: Infinity, most: -Infinity }
      )
    case "iota":
      return { least: 0, most: sizes[op.axis]! - 1 }
    case "argmax":
      return { least: 0, most: inputs[0]!.sizes[op.axis]! - 1 }
    case "broadcast":
    case "reshape":
    case "permute":
    case "slice":
      return bounds(inputs[0]!)
    case "binary": {
      if (op.fn !== "max" && op.fn !== "min") return unbounded
      const [a, b] = inputs.map(bounds) as [Bounds, Bounds]
      return { least: Math[op.fn](a.least, b.least), most: Math[op.fn](a.most, b.most) }
    }
    default:
      return unbounded
  }
}
