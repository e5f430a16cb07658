/** Derivatives of typed functions of trees of tensors. */
import type { Tensor } from "@noema/tensor"
import { add, axesOf, debug, fill, mul, sum, type Node } from "@noema/tensor/graph"
import { argument } from "../rules/notes.ts"
import { type Leaves, leavesOf, matched, nodesOf, withNodes } from "../tree.ts"
import { pullback } from "./pullback.ts"
import { type CheckLoss, type CheckTarget, GradientError, refuseLoss, refuseTarget } from "./sentences.ts"

type Loss = Tensor.Tensor<[]>
type Fn = (...args: never) => unknown
/** A gradient has the type of what it is the gradient of. */
type Target<F extends Fn> = Parameters<F>[0]

/** A loss and its gradient. */
export interface ValueAndGradient<P> {
  readonly value: Loss
  readonly gradient: P
}

/**
 * The gradient of a scalar loss in its first argument, a tensor or a tree of tensors: a function of the same arguments
 * that returns a tree like the first. Parameters that the loss does not use get zeros (`NOEMA_DEBUG=gradients` names
 * them). A loss that is not one f32 number, or a target that is not f32, is a type error and a `GradientError`.
 *
 * @example
 * const slope = grad((x: Tensor.Tensor<[3]>) => Tensor.sum(Tensor.mul(x, x)))
 * slope(Tensor.fromArray([1, 2, 3])) // => [2, 4, 6]
 */
export const grad = <F extends Fn>(f: CheckLoss<"grad", F>): ((...args: Parameters<F>) => Target<F>) => {
  const both = differentiate("grad", f as Fn, false)
  return (...args) => both(args).gradient as Target<F>
}

/**
 * The loss and its gradient, in one pass.
 *
 * @example
 * const { value, gradient } = valueAndGrad((x: Tensor.Tensor<[2]>) => Tensor.sum(Tensor.exp(x)))(Tensor.zeros([2]))
 * value // => 2
 * gradient // => [1, 1]
 */
export const valueAndGrad = <F extends Fn>(
  f: CheckLoss<"valueAndGrad", F>
): ((...args: Parameters<F>) => ValueAndGradient<Target<F>>) => {
  const both = differentiate("valueAndGrad", f as Fn, false)
  return (...args) => {
    const { value, gradient } = both(args)
    return { value, gradient: gradient as Target<F> }
  }
}

/**
 * For losses that also report: `f` returns `[loss, report]`, and the report (any tree of tensors) is passed on.
 *
 * @example
 * const f = (x: Tensor.Tensor<[2]>) => [Tensor.sum(Tensor.mul(x, x)), { largest: Tensor.max(x) }] as const
 * const { gradient, report } = valueAndGradWith(f)(Tensor.fromArray([3, 4]))
 * gradient // => [6, 8]
 * report.largest // => 4
 */
export const valueAndGradWith = <F extends (...args: never) => readonly [unknown, unknown]>(
  f: CheckLoss<"valueAndGradWith", F>
): ((...args: Parameters<F>) => ValueAndGradient<Target<F>> & { readonly report: ReturnType<F>[1] }) => {
  const both = differentiate("valueAndGradWith", f as Fn, true)
  return (...args) => both(args) as ValueAndGradient<Target<F>> & { readonly report: ReturnType<F>[1] }
}

const differentiate = (op: string, f: Fn, reports: boolean) => {
  return (args: ReadonlyArray<unknown>): ValueAndGradient<unknown> & { readonly report: unknown } => {
    const targets = targetsOf(op, args[0])
    const inputs = nodesOf(targets).map(argument)
    const result = f(...([withNodes(targets, inputs), ...args.slice(1)] as never))
    const [value, report] = reports ? (result as readonly [Loss, unknown]) : [result as Loss, undefined]
    refuseLoss(op, value)
    const gradient = pullback([value.node], [fill(1, [])], inputs)
    gradient.forEach((g, i) => {
      if (g === null) debug("gradients", () => `${op}: the loss does not use ${targets.paths[i]}, its gradient is zero`)
    })
    return { value, gradient: withNodes(targets, orZeros(gradient, inputs)), report }
  }
}

/**
 * The vector-Jacobian product of a function from a tree to a tree at a point: the value, and the linear function from
 * a cotangent (like the value) to a cotangent (like the argument). Targets that are not f32 are refused as by `grad`.
 *
 * @example
 * const { value, pull } = vjp((x: Tensor.Tensor<[2]>) => Tensor.mul(x, x), Tensor.fromArray([1, 2]))
 * pull(Tensor.fromArray([1, 10])) // => [2, 40]
 */
export const vjp = <P, const R>(
  f: (x: P) => R,
  at: CheckTarget<"vjp", P>
): { readonly value: R; readonly pull: (cotangent: R) => P } => {
  const { targets, inputs, results } = traced("vjp", f, at)
  return {
    value: withNodes(results, nodesOf(results)),
    pull: (cotangent) => {
      const real = alike("vjp", cotangent, "the cotangent", results, "the value").map(ifReal)
      return withNodes(targets, orZeros(pullback(nodesOf(results), real, inputs), inputs))
    }
  }
}

/**
 * The Jacobian-vector product: value and directional derivative of a function from a tree to a tree. The forward
 * derivative is the transpose of the reverse one, which is linear in its cotangent: no second table of rules.
 * Results that are not f32 have the tangent zero.
 *
 * @example
 * const { tangent } = jvp((x: Tensor.Tensor<[2]>) => Tensor.mul(x, x), Tensor.fromArray([1, 2]), Tensor.ones([2]))
 * tangent // => [2, 4]
 */
export const jvp = <P, const R>(
  f: (x: P) => R,
  at: CheckTarget<"jvp", P>,
  direction: NoInfer<P>
): { readonly value: R; readonly tangent: R } => {
  const { targets, inputs, results } = traced("jvp", f, at)
  const tangents = alike("jvp", direction, "the direction", targets, "the point")
  const outputs = nodesOf(results)
  const cotangents = outputs.map((y) => argument(fill(0, y.sizes, y.dtype)))
  const pulled = pullback(outputs, cotangents.map(ifReal), inputs)
  const linear = pulled.flatMap((g, i) => (g === null ? [] : [{ g, tangent: tangents[i]! }]))
  const pushed = pullback(
    linear.map(({ g }) => g),
    linear.map(({ tangent }) => tangent),
    cotangents
  )
  const tangent = pushed.map((t, k) => t ?? fill(0, outputs[k]!.sizes, outputs[k]!.dtype))
  return { value: withNodes(results, outputs), tangent: withNodes(results, tangent) }
}

/**
 * The Hessian of a scalar loss times a direction, without the Hessian: the gradient of the gradient along it.
 *
 * @example
 * const f = (x: Tensor.Tensor<[2]>) => Tensor.sum(Tensor.mul(x, Tensor.mul(x, x)))
 * hvp(f, Tensor.fromArray([1, 2]), Tensor.fromArray([1, 0])) // => [6, 0]
 */
export const hvp = <F extends (x: never) => unknown>(
  f: CheckLoss<"hvp", F>,
  at: Target<F>,
  direction: Target<F>
): Target<F> => {
  const targets = targetsOf("hvp", at)
  const inputs = nodesOf(targets).map(argument)
  const along = alike("hvp", direction, "the direction", targets, "the point")
  const gradient = leavesOf(differentiate("hvp", f as Fn, false)([withNodes(targets, inputs)]).gradient, "gradient")
  const slope = nodesOf(gradient)
    .map((g, i) => sum(mul(g, along[i]!), axesOf(g)))
    .reduce(add, fill(0, []))
  return withNodes(targets, orZeros(pullback([slope], [fill(1, [])], inputs), inputs))
}

const ifReal = (node: Node): Node | null => (node.dtype === "f32" ? node : null)

const targetsOf = (op: string, tree: unknown): Leaves => {
  const targets = leavesOf(tree, "params")
  targets.leaves.forEach((leaf, i) => refuseTarget(op, targets.paths[i]!, leaf.dtype))
  return targets
}

const traced = (op: string, f: Fn, at: unknown) => {
  const targets = targetsOf(op, at)
  const inputs = nodesOf(targets).map(argument)
  return { targets, inputs, results: leavesOf(f(...([withNodes(targets, inputs)] as never)), "result") }
}

const orZeros = (gradient: ReadonlyArray<Node | null>, inputs: ReadonlyArray<Node>): ReadonlyArray<Node> =>
  gradient.map((g, i) => g ?? fill(0, inputs[i]!.sizes))

/** The nodes of a tree that must be like another, in its order. */
const alike = (op: string, tree: unknown, name: string, like: Leaves, likeName: string): ReadonlyArray<Node> => {
  const root = like.structure.path
  const nodes = matched(leavesOf(tree, root), like)
  if ("path" in nodes)
    throw new GradientError({
      message: `${op}: at ${nodes.path} ${name} is ${nodes.found} and ${likeName} is ${nodes.expected}`
    })
  return nodes
}
