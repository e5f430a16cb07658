/** A program that was found, as it is written down in the corpus. */
import { type Shape, type ShapeOf, type Sizes, type Tensor } from "@noema/tensor"
import type { DType } from "@noema/tensor/graph"
import type { Form, Input } from "../program/program.ts"
import { gradientsOf, type Subject, type Tensors } from "../program/subject.ts"

/** An input whose shape and dtype the type checker knows. */
export interface Given<out S extends Shape = Shape, out D extends DType = DType> extends Input {
  readonly tensor?: Tensor.Tensor<S, D>
}

/** An input of these values, row by row. */
export const given = <const S extends Sizes, D extends DType = "f32">(
  shape: S,
  values: ReadonlyArray<number | boolean>,
  dtype?: D
): Given<ShapeOf<S>, NoInfer<D>> => {
  const numbers = values.map(Number)
  const data =
    dtype === "i32"
      ? Int32Array.from(numbers)
      : dtype === "bool"
        ? Uint8Array.from(numbers)
        : Float32Array.from(numbers)
  const sizes = shape.map((size) =>
    typeof size === "number" ? size : typeof size.dim === "string" ? { dim: size.dim, size: size.size } : size.size
  )
  return { shape: sizes, dtype: dtype ?? "f32", data }
}

type TensorOf<G> = G extends Given<infer S, infer D> ? Tensor.Tensor<S, D> : never

export interface Example {
  readonly title: string
  readonly subject: Subject
}

/** An entry of the corpus. */
export const found = <const G extends ReadonlyArray<Given>>(
  title: string,
  inputs: G,
  of: (...tensors: { readonly [K in keyof G]: TensorOf<G[K]> }) => Tensors,
  { form = "arguments", gradient = false }: { readonly form?: Form; readonly gradient?: boolean } = {}
): Example => {
  const plain = of as (...tensors: Tensors) => Tensors
  return { title, subject: { inputs, form, of: gradient ? gradientsOf(plain) : plain } }
}
