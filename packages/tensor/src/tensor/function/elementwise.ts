/** Functions of one f32 number, each said once in a file of this folder: what it is, how it is computed, its gradient. */
import * as G from "../../graph/algebra.ts"
import type { Elementwise } from "../../graph/node.ts"
import type { Shape } from "../../shape/dim.ts"
import { allowDType } from "../../shape/dtype.ts"
import type { Unary } from "../elementwise.ts"
import { fromNode, type Tensor } from "../value.ts"

/** A function of one f32 tensor that says what it is. */
export interface Defined extends Unary {
  readonly definition: Elementwise
}

/** The function of the DSL. */
export const elementwise = (definition: Elementwise): Defined =>
  Object.assign(
    <S extends Shape>(x: Tensor<S>): Tensor<S> => {
      allowDType(definition.name, ["f32"], x.dtype)
      return fromNode(G.elementwise(definition, x.node), x)
    },
    { definition }
  )
