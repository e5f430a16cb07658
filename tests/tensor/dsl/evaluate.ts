/**
 * Tensors as nested lists, computed by the float64 interpreter.
 */
import { Reference, Tensor } from "@noema/tensor"

export type Nested = number | boolean | Array<Nested>

/** The values of a tensor in one flat list. */
export const flat = (tensor: Tensor.AnyTensor): Array<number> => {
  const [value] = Reference.interpret({ inputs: [], outputs: [tensor.node] }, [])
  return Array.from(value as ArrayLike<number>)
}

/** The values of a tensor as nested lists, booleans for bool. */
export const nested = (tensor: Tensor.AnyTensor): Nested => {
  const values = flat(tensor).map((value) => (tensor.dtype === "bool" ? value === 1 : value))
  const build = (sizes: ReadonlyArray<number>, from: number): Nested => {
    if (sizes.length === 0) return values[from]!
    const [size, ...rest] = sizes as [number, ...Array<number>]
    const stride = rest.reduce((a, b) => a * b, 1)
    return Array.from({ length: size }, (_, i) => build(rest, from + i * stride))
  }
  return build(tensor.sizes, 0)
}

/** Whether two plain values are equal, numbers to within a relative and absolute `tolerance`. */
export const close = (a: unknown, b: unknown, tolerance = 1e-6): boolean => {
  if (typeof a === "number" && typeof b === "number") {
    return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b
  const [x, y] = [Object.entries(a), Object.entries(b)]
  return (
    x.length === y.length && x.every(([key, value]) => close(value, (b as Record<string, unknown>)[key], tolerance))
  )
}
