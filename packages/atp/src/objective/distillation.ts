/** Distillation from the written chain into latents (CODI, arXiv 2502.21074). */
import { stopGradient } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"
import { special } from "../text/tokenizer.ts"
import type { Written } from "./happened.ts"
import type { Term } from "./term.ts"

/**
 * Cross-entropy of the chain and the answer written out after the question, mean over their symbols: the teacher's loss
 * (CODI, arXiv 2502.21074).
 *
 * @example
 * Objective.teacher(1).loss(happened, {}) // => Math.log(8)
 */
export const teacher = (weight: number): Term => ({
  name: "teacher",
  weight,
  loss: ({ written }) => {
    const { logits, symbols } = written()
    const targets = Tensor.slice(symbols, 1, [1])
    return Tensor.crossEntropy(Tensor.slice(logits, 1, [0, -1]), targets, {
      mask: Tensor.ne(targets, special("<pad>"))
    })
  }
})

/** States of every layer at the answer sign, from which the answer is read. */
const atAnswer = <N extends Dim>({ layers, symbols }: Written<N>): ReadonlyArray<Tensor.Tensor<["batch", "width"]>> => {
  const here = Tensor.expandDims(Tensor.eq(symbols, special("###")), 2)
  return layers.map((layer) => Tensor.sum(Tensor.where(here, layer, 0), 1))
}

/** Half the square of distances below 1, beyond that their size less a half. */
const smoothL1 = <S extends ReadonlyArray<Dim>>(distance: Tensor.Tensor<S>): Tensor.Tensor<S> => {
  const size = Tensor.abs(distance)
  return Tensor.where(Tensor.lt(size, 1), Tensor.mul(Tensor.square(distance), 0.5), Tensor.sub(size, 0.5))
}

/**
 * The distance of the states of all layers at the answer sign, after latents, from those after the written chain, which are
 * held constant: smooth L1, each layer over its deviation, mean over layers (CODI, equation 2).
 *
 * @example
 * Objective.distillation(20).loss(happened, {}) // => 0
 */
export const distillation = (weight: number): Term => ({
  name: "distillation",
  weight,
  loss: ({ tail, thought, written }) => {
    if (thought === null) return null
    const taught = atAnswer(written())
    const distances = atAnswer(tail).map((own, layer) => {
      const other = stopGradient(taught[layer]!)
      const deviation = Tensor.sqrt(Tensor.add(Tensor.variance(other), 1e-6))
      return Tensor.div(Tensor.mean(smoothL1(Tensor.sub(own, other))), deviation)
    })
    return Tensor.div(
      distances.reduce((sum, each) => Tensor.add(sum, each)),
      distances.length
    )
  }
})
