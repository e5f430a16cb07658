/** The functions of one number that are said in a file each: found by what they carry, so that none is left out. */
import { Tensor } from "@noema/tensor"
import { input, topological } from "@noema/tensor/graph"

const isDefined = (value: unknown): value is Tensor.Defined => typeof value === "function" && "definition" in value

export const functions: ReadonlyArray<Tensor.Defined> = Object.values<unknown>(Tensor).filter(isDefined)

/** Whether exponentials are among what such a function is computed by. */
export const isOfExponentials = ({ definition }: Tensor.Defined): boolean =>
  topological([definition.computed(input("x", [], "f32"))]).some(({ op }) => op.kind === "unary" && op.fn === "exp")
