/**
 * Losses and gradients that are no longer finite: measured inside the training step, told on the host as a value that
 * names the step and the first place.
 */
import { Program, Tensor } from "@noema/tensor"
import { takeApart } from "@noema/tensor/tree"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { fill, lt, where } from "@noema/tensor/graph"
import { nodesOf } from "../tree.ts"
import { normFrom, squaresOf } from "./scale.ts"
import { paramsOf } from "./transformation.ts"

/**
 * A loss or a gradient of a training step is NaN or infinite.
 *
 * @example
 * new Optimiser.NonFinite({ step: 7, what: "gradient", path: "gradient.layers.0.w", value: Infinity }).message
 * // => "the norm of the gradient is Infinity at step 7, first at gradient.layers.0.w"
 */
export class NonFinite extends Data.TaggedError("NonFinite")<{
  readonly step: number
  readonly what: "loss" | "gradient"
  /** `loss`, a term of it such as `loss.answer`, or the first such parameter: `gradient.layers.0.w`. */
  readonly path: string
  /** The loss, or the norm of the gradient. */
  readonly value: number
}> {
  override get message(): string {
    const subject = { loss: "the loss", gradient: "the norm of the gradient" }[this.what]
    const place = this.path === this.what ? "" : `, first at ${this.path}`
    return `${subject} is ${this.value} at step ${this.step}${place}`
  }
}

/** What a training step returns about its numbers, beside whatever else it returns. */
export interface Vitals<Loss = Tensor.Tensor<[]>> {
  readonly loss: Loss
  /** The Euclidean norm of the gradient. */
  readonly norm: Tensor.Tensor<[]>
  /** The first parameter, in the order of the tree, whose gradient has no finite norm; -1 where all have. */
  readonly first: Tensor.Tensor<[], "i32">
}

/**
 * The loss (or a tree of its terms, each one number), the norm of the gradient, and which parameter is the first whose
 * gradient is not finite, for a training step to return. The norm is the one that `clipByGlobalNorm` computes, so that
 * beside it this costs nothing.
 *
 * @example
 * const { loss, norm, first } = vitals(Tensor.scalar(2), { w: Tensor.fromArray([3, 4]) })
 * norm // => 5
 * first // => -1
 */
export const vitals = <Loss = Tensor.Tensor<[]>>(loss: Loss, gradient: unknown): Vitals<Loss> => {
  const squares = squaresOf(nodesOf(paramsOf(gradient)))
  const first = squares.reduceRight(
    (later, square, i) => where(lt(square, Infinity), later, fill(i, [], "i32")),
    fill(-1, [], "i32")
  )
  return { loss, norm: Tensor.fromNode(normFrom(squares), []), first: Tensor.fromNode(first, []) }
}

/** Where a step stands: its number, and the parameters (tensors, arrays or specifications) that give paths. */
export interface StepAt {
  readonly step: number
  readonly params?: unknown
}

/**
 * The first loss or gradient that is not finite among the vitals of a step, or `null`. With `params` (the tree that the
 * gradient is like, of whatever has a shape) a gradient has the path of its parameter.
 *
 * @example
 * const params = { w: Tensor.zeros([2]) }
 * const step = yield* Program.make((w) => Optimiser.vitals(Tensor.sum(w), { w }), Program.spec([2]))
 * const fine = yield* step(Float32Array.of(3, 4))
 * Optimiser.nonFinite(fine, { step: 6, params }) // => null
 * const wrong = yield* step(Float32Array.of(3, Number.NaN))
 * Optimiser.nonFinite(wrong, { step: 7, params })?.message // => "the loss is NaN at step 7"
 */
export const nonFinite = <Loss>(
  { loss, norm, first }: Program.HostOf<Vitals<Loss>>,
  { step, params }: StepAt
): NonFinite | null => {
  const losses = takeApart(loss, Program.isHostTensor, "loss")
  const wrong = losses.leaves.findIndex(({ data }) => !Number.isFinite(data[0]!))
  if (wrong >= 0)
    return new NonFinite({ step, what: "loss", path: losses.paths[wrong]!, value: losses.leaves[wrong]!.data[0]! })
  const value = norm.data[0]!
  if (Number.isFinite(value)) return null
  const paths = params === undefined ? [] : takeApart(params, hasShape, "gradient").paths
  return new NonFinite({ step, what: "gradient", path: paths[first.data[0]!] ?? "gradient", value })
}

/**
 * Fails with `NonFinite` where a loss or the gradient of a step is not finite.
 *
 * @example
 * const step = yield* Program.make((w) => Optimiser.vitals(Tensor.sum(w), { w }), Program.spec([2]))
 * yield* Optimiser.refuseNonFinite(yield* step(Float32Array.of(3, 4)), { step: 6 })
 * const wrong = yield* step(Float32Array.of(3, Number.NaN))
 * yield* Optimiser.refuseNonFinite(wrong, { step: 7 }) // fails the loss is NaN at step 7
 */
export const refuseNonFinite = <Loss>(
  measured: Program.HostOf<Vitals<Loss>>,
  at: StepAt
): Effect.Effect<void, NonFinite> =>
  Effect.suspend(() => {
    const event = nonFinite(measured, at)
    return event === null ? Effect.void : Effect.fail(event)
  })

const hasShape = (value: unknown): value is { readonly shape: unknown } =>
  typeof value === "object" && value !== null && "shape" in value
