/** Arrays on the host: what programs take and give. */
import { count } from "../graph/build.ts"
import type { Data, DType } from "../graph/node.ts"
import { type Shape, show } from "../shape/dim.ts"

/** The storage of a dtype on the host. */
export type DataOf<D extends DType> = D extends "f32" ? Float32Array : D extends "i32" ? Int32Array : Uint8Array

/** Nested arrays of a shape: a number for `[]`, rows for `[2, 3]`. */
export type NestedOf<S extends Shape, Element> = number extends S["length"]
  ? unknown
  : S extends readonly [unknown, ...infer Rest extends Shape]
    ? Array<NestedOf<Rest, Element>>
    : Element

const HostKey: unique symbol = Symbol.for("@noema/tensor/HostTensor")

/**
 * The value of a tensor: its numbers in row-major order, with the shape in the type.
 *
 * @example
 * const host = new Program.HostTensor([2, 2], [2, 2], "f32", Float32Array.of(1, 2, 3, 4))
 * host.toArray() // => [[1, 2], [3, 4]]
 */
export class HostTensor<S extends Shape = Shape, D extends DType = "f32"> {
  readonly [HostKey] = true
  readonly shape: S
  readonly sizes: ReadonlyArray<number>
  readonly dtype: D
  readonly data: DataOf<D>

  constructor(shape: S, sizes: ReadonlyArray<number>, dtype: D, data: DataOf<D>) {
    this.shape = shape
    this.sizes = sizes
    this.dtype = dtype
    this.data = data
  }

  /** The values as nested arrays; booleans for bool, a plain value for a tensor without axes. */
  toArray(): NestedOf<S, D extends "bool" ? boolean : number> {
    const element = (i: number) => (this.dtype === "bool" ? this.data[i] !== 0 : this.data[i])
    const nest = (axis: number, start: number): unknown => {
      if (axis === this.sizes.length) return element(start)
      const step = count(this.sizes.slice(axis + 1))
      return Array.from({ length: this.sizes[axis]! }, (_, i) => nest(axis + 1, start + i * step))
    }
    return nest(0, 0) as NestedOf<S, D extends "bool" ? boolean : number>
  }

  toString(): string {
    return `HostTensor<${this.dtype}${show(this.sizes)}>`
  }
}

/** A host tensor of any shape and dtype, as the parts it has. */
export type AnyHostTensor = Pick<HostTensor<Shape, DType>, "shape" | "sizes" | "dtype" | "data">

/**
 * Whether a value is a host tensor.
 *
 * @example
 * Program.isHostTensor(yield* Program.compute(Tensor.ones([2]))) // => true
 * Program.isHostTensor(Tensor.ones([2])) // => false
 */
export const isHostTensor = (value: unknown): value is HostTensor<Shape, DType> =>
  typeof value === "object" && value !== null && HostKey in value

/** Numbers or booleans as nested lists. */
export type NestedArray = ReadonlyArray<number> | ReadonlyArray<boolean> | ReadonlyArray<NestedArray>

/** What a host tensor is made from, which the arrays of most file formats have too. */
export type HostParts = Pick<AnyHostTensor, "shape"> & Partial<Pick<AnyHostTensor, "sizes">> & { readonly data: Data }

/** An argument on the host. A typed array without a shape is taken where only one size is open. */
export type HostArgument = number | boolean | NestedArray | Data | HostParts
