/**
 * What is said about a function that cannot be differentiated, at the type level (as the type of the parameter that
 * refuses it) and at run time (as the message of the error).
 */
import type { Dim, Shape, Tensor } from "@noema/tensor"
import * as Data from "effect/Data"

/**
 * A function cannot be differentiated as asked; the message says what was expected and what was found.
 *
 * @example
 * grad((x: Tensor.Tensor<[2]>) => Tensor.mul(x, x))(Tensor.ones([2]))
 * // refused grad: the loss must be one number, and has shape [2]
 */
export class GradientError extends Data.TaggedError("GradientError")<{ readonly message: string }> {}

type DType = Tensor.DType
type Leaf<S extends Shape = Shape, D extends DType = DType> = Tensor.Tensor<S, D>

/** The function itself, or the sentence that says why it has no gradient. */
export type CheckLoss<Op extends string, F extends (...args: never) => unknown> = Said<
  F,
  LossProblem<Op, ReturnType<F>> | TargetProblem<Op, Parameters<F>[0], "params">
>

/** The point at which a function of `P` is differentiated, or the sentence that says what of it has no gradient. */
export type CheckTarget<Op extends string, P> = Said<NoInfer<P>, TargetProblem<Op, P, "params">>

type Said<T, Problem> = [Problem] extends [never] ? T : Problem

/** Nothing is said about what the type checker does not know. */
type LossProblem<Op extends string, L> = 0 extends 1 & L
  ? never
  : L extends Leaf<infer S, infer D>
    ? ["f32" & D] extends [never]
      ? `${Op}: the loss must be f32, and is ${D}`
      : number extends S["length"]
        ? never
        : S extends readonly []
          ? never
          : `${Op}: the loss must be one number, and has shape [${Join<S>}]`
    : L extends readonly [infer First, ...ReadonlyArray<unknown>]
      ? LossProblem<Op, First>
      : `${Op}: the loss must be a tensor`

/** Trees that contain trees like themselves are not followed for ever: eight levels down nothing is said. */
type TargetProblem<Op extends string, P, Path extends string, Level extends ReadonlyArray<0> = []> = 0 extends 1 & P
  ? never
  : Level["length"] extends 8
    ? never
    : P extends Leaf<Shape, infer D>
      ? ["f32" & D] extends [never]
        ? `${Op}: ${Path} is ${D}, and only f32 has a gradient`
        : never
      : P extends NoTree
        ? `${Op}: ${Path} is not a tensor`
        : P extends ReadonlyArray<infer E>
          ? number extends P["length"]
            ? TargetProblem<Op, E, `${Path}.${number}`, [...Level, 0]>
            : Within<Op, P, Path, keyof P & `${number}`, Level>
          : P extends object
            ? Within<Op, P, Path, keyof P & string, Level>
            : never

type Within<
  Op extends string,
  P,
  Path extends string,
  Keys extends keyof P & string,
  Level extends ReadonlyArray<0>
> = {
  [K in Keys]: TargetProblem<Op, P[K], `${Path}.${K}`, [...Level, 0]>
}[Keys]

/** What can be no part of a tree of tensors. */
type NoTree = string | number | boolean | bigint | symbol

type Join<S extends Shape> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? T extends readonly []
    ? Show<H>
    : `${Show<H>}, ${Join<T>}`
  : ""

type Show<D extends Dim> = number extends D ? "?" : `${D}`

export const refuseLoss = (op: string, loss: Tensor.AnyTensor): void => {
  if (loss.dtype !== "f32") throw new GradientError({ message: `${op}: the loss must be f32, and is ${loss.dtype}` })
  if (loss.sizes.length !== 0)
    throw new GradientError({
      message: `${op}: the loss must be one number, and has shape [${loss.shape.join(", ")}]`
    })
}

export const refuseTarget = (op: string, path: string, dtype: DType): void => {
  if (dtype !== "f32") throw new GradientError({ message: `${op}: ${path} is ${dtype}, and only f32 has a gradient` })
}
