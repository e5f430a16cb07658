/** What is tried: a function of tensors with the values of its inputs, generated or written by hand. */
import { grad } from "@noema/autodiff"
import { type Shape, Tensor } from "@noema/tensor"
import * as G from "@noema/tensor/graph"
import { functionOf } from "./apply.ts"
import { type Form, type Input, type Program, sizesOf } from "./program.ts"

export type Tensors = ReadonlyArray<Tensor.AnyTensor>

export interface Subject {
  readonly inputs: ReadonlyArray<Input>
  readonly of: (...inputs: Tensors) => Tensors
  readonly form: Form
}

type Real = Tensor.Tensor<Shape>

const isReal = (x: Tensor.AnyTensor): x is Real => x.dtype === "f32"

/** One number of many: a sum with weights that f32 holds exactly and that do not cancel. */
const weighed = (x: Real): Tensor.Tensor<[]> => {
  const weights = Float32Array.from({ length: G.count(x.sizes) }, (_, i) => (((i * 7) % 11) - 4.5) / 4)
  const flat = Tensor.fromNode<Shape, "f32">(G.reshape(x.node, [weights.length]), [weights.length])
  return Tensor.sum(Tensor.mul(flat, Tensor.fromArray(weights, [weights.length]) as Real) as Real)
}

/** All real outputs as one number. */
export const lossOf =
  (of: Subject["of"]) =>
  (...inputs: Tensors): Tensor.Tensor<[]> =>
    of(...inputs)
      .filter(isReal)
      .map(weighed)
      .reduce<Tensor.Tensor<[]>>((sum, term) => Tensor.add(sum, term), Tensor.scalar(0))

/** The gradients of all real outputs together, in the real inputs. */
export const gradientsOf =
  (of: Subject["of"]): Subject["of"] =>
  (...inputs) => {
    const loss = (params: ReadonlyArray<Real>): Tensor.Tensor<[]> => {
      const left = [...params]
      return lossOf(of)(...inputs.map((input) => (isReal(input) ? left.shift()! : input)))
    }
    return grad(loss)(inputs.filter(isReal))
  }

export const subjectOf = (program: Program): Subject => {
  const of = functionOf(program)
  return { inputs: program.inputs, form: program.form, of: program.gradient ? gradientsOf(of) : of }
}

export const shapeOf = ({ shape }: Pick<Input, "shape">): Shape =>
  shape.map((size) => (typeof size === "number" ? size : size.dim))

/** Tensors that stand for the inputs. */
export const standIns = (inputs: ReadonlyArray<Input>): Tensors =>
  inputs.map((given, i) => Tensor.fromNode(G.input(`x${i}`, sizesOf(given.shape), given.dtype), shapeOf(given)))

/** The graph of a subject. Throws what its function throws. */
export const traced = ({ inputs, of }: Pick<Subject, "inputs" | "of">): G.Graph => {
  const tensors = standIns(inputs)
  return { inputs: tensors.map(({ node }) => node), outputs: of(...tensors).map(({ node }) => node) }
}
