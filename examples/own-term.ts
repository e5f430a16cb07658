/**
 * A loss term of your own, that of CODI (arXiv 2502.21074, equation 2) in short: the states of all layers at the answer sign
 * are drawn to those that the written chain leads to. `written()` is the second pass, which no other term has to ask for.
 */
import { Layout, Method, Objective, Part, Pipeline, Policy, Stop, Task } from "@noema/atp"
import { stopGradient } from "@noema/autodiff"
import { type Dim, Tensor } from "@noema/tensor"

const atAnswer = <N extends Dim>({ layers, symbols }: Objective.Written<N>) => {
  const here = Tensor.expandDims(Tensor.eq(symbols, Task.special("###")), 2)
  return layers.map((layer) => Tensor.sum(Tensor.where(here, layer, 0), 1))
}

const likeWritten = (weight: number): Objective.Term => ({
  name: "like-written",
  weight,
  loss: ({ tail, thought, written }) => {
    if (thought === null) return null
    const taught = atAnswer(written())
    const distances = atAnswer(tail).map((own, layer) => {
      const distance = Tensor.sub(own, stopGradient(taught[layer]!))
      return Tensor.mean(Tensor.square(distance))
    })
    return distances.reduce((sum, distance) => Tensor.add(sum, distance))
  }
})

export default Pipeline.pipeline({
  task: Task.arithmetic(),
  method: Method.method({
    name: "Coconut like written",
    summary: "feeds its hidden states back, and comes to the states that its written chain comes to",
    backbone: Part.llama,
    parts: {},
    policy: () => Policy.hiddenState,
    stop: () => Stop.fixedCount,
    layout: Layout.stages(),
    objective: [Objective.text(1), Objective.teacher(1), likeWritten(0.1)]
  }),
  supervised: { problems: 2000, warmStart: 200, perStage: 50, final: 50 }
}).pipe(Pipeline.supervise(), Pipeline.evaluate({ sets: ["id"] }))
