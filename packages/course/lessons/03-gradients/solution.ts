/** 03 gradients: logistic regression, and a rule for a gradient. */
import { customVjp, valueAndGrad } from "@noema/autodiff"
import { Tensor } from "@noema/tensor"

/** A weight for each of two features, and a bias. */
export interface Params {
  readonly w: Tensor.Tensor<[2]>
  readonly b: Tensor.Tensor<[]>
}

/** The log-odds that a point belongs to class 1: `w · x + b`. */
export const logits = ({ b, w }: Params, x: Tensor.Tensor<["batch", 2]>): Tensor.Tensor<["batch"]> =>
  Tensor.add(Tensor.sum(Tensor.mul(x, w), 1), b)

/**
 * The mean negative log-likelihood of labels that are 0 or 1. Of log-odds z and a label y it is `softplus(z) - y z`, which is
 * exact where the logarithm of a sigmoid would not be.
 */
export const loss = (
  params: Params,
  x: Tensor.Tensor<["batch", 2]>,
  y: Tensor.Tensor<["batch"]>
): Tensor.Tensor<[]> => {
  const z = logits(params, x)
  return Tensor.mean(Tensor.sub(Tensor.softplus(z), Tensor.mul(y, z)))
}

/** One step down the gradient at a learning rate of 0.5, and the loss before it. */
export const step = (
  params: Params,
  x: Tensor.Tensor<["batch", 2]>,
  y: Tensor.Tensor<["batch"]>
): readonly [Params, Tensor.Tensor<[]>] => {
  const { gradient, value } = valueAndGrad(loss)(params, x, y)
  return [
    {
      w: Tensor.sub(params.w, Tensor.mul(gradient.w, 0.5)),
      b: Tensor.sub(params.b, Tensor.mul(gradient.b, 0.5))
    },
    value
  ]
}

/**
 * The square root with a gradient rule written by hand: of `y = sqrt(x)` and the cotangent `g`, the gradient of what comes later
 * in y, the rule gives that in x. Where x is 0 the slope is infinite; take it for 0 there, so that no infinity spreads.
 */
export const safeRoot = customVjp(
  (x: Tensor.Tensor<["n"]>): Tensor.Tensor<["n"]> => Tensor.sqrt(x),
  (g, x): Tensor.Tensor<["n"]> => Tensor.where(Tensor.gt(x, 0), Tensor.div(Tensor.mul(g, 0.5), Tensor.sqrt(x)), 0)
)
