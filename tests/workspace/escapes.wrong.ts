/** Ways round the types of tensors, which casts.test.ts is to find: on each line what it is, or nothing. */
import { Program, Tensor } from "@noema/tensor"
import * as build from "@noema/tensor/graph" // internal
import { stretch } from "../../packages/tensor/src/tensor/operand.ts" // internal
import { takeApart } from "@noema/tensor/tree"

declare const x: Tensor.Tensor<[2, 3]>
declare const text: string
interface Params {
  readonly w: Tensor.Tensor<[2]>
}

export const all = [
  x as Tensor.AnyTensor, // cast
  x as unknown as Tensor.Tensor<[6]>, // cast cast
  x as never, // cast
  [x, x] as ReadonlyArray<Tensor.Tensor>, // cast
  { w: x } as unknown as Params, // cast cast
  { a: { b: x } } as Program.AnyTensors, // cast
  Program.spec([2]) as Program.Spec, // cast
  ((): unknown => x) as () => Tensor.Tensor<[1]>, // cast
  JSON.parse(text) as unknown, // cast
  <T>(value: unknown): T => value as T, // cast
  Tensor.fromNode(build.reshape(x.node, [6]), [6]), // internal internal
  (y: any) => y, // any
  JSON.parse(text) as Array<string>,
  text as "a" | "b",
  [x] as const,
  [stretch, takeApart]
]
