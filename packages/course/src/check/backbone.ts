/** A layer of a real backbone, once as the library passes it and once with an exercise's attention in it. */
import { Part } from "@noema/atp"
import { named, Program, Tensor } from "@noema/tensor"

/** A row of numbers for every place of every text in a batch. */
type Rows<N extends string> = Tensor.Tensor<["batch", "time", N]>
/** A number for every pair of places. */
type Pairs = Tensor.Tensor<["batch", "time", "time"]>

/** Attention of one head: what it makes of values, and with which weights. */
export type Attend = (
  query: Rows<"head">,
  key: Rows<"head">,
  value: Rows<"head">,
  visible: Tensor.Tensor<["time", "time"], "bool">
) => { readonly mixed: Rows<"head">; readonly weights: Pairs }

const heads = [0, 1] as const
const [width, head] = [8, 4]

/** A LLaMA of one layer with two heads. */
export const oneLayer: Part.ModelSizes = {
  vocabulary: 4,
  width,
  layers: 1,
  heads: heads.length,
  groups: heads.length,
  hidden: 12,
  tied: false,
  decoderLayers: 1
}

/** What rows become behind the layer, and how far they look at others, by head. */
export interface Through {
  readonly hidden: Rows<"width">
  readonly weights: ReadonlyArray<Pairs>
}

/**
 * Rows through one layer, causally: by `Llama.pass`, and with `attend` where the layer has its attention. What it is given are the
 * layer's own queries, keys and values of each head, turned by their positions.
 */
export const throughLayer = (
  attend: Attend,
  parameters: Part.Stack,
  rows: Rows<"width">
): { readonly theirs: Through; readonly ours: Through } => {
  const [batch, time] = [Tensor.dim(rows, 0), Tensor.dim(rows, 1)]
  const visible = Tensor.le(Tensor.iota([time, time], 1), Tensor.iota([time, time], 0))
  const positions = Tensor.iota([batch, time], 1)
  const looks: Array<Tensor.Tensor<["batch", "heads", "time", "time"]>> = []
  const { cache, hidden } = Part.transformer(parameters, oneLayer).pass(rows, {
    positions,
    visible: Tensor.broadcastTo(visible, [batch, time, time]),
    finite: true,
    place: (_, fresh) => fresh,
    see: (_, weights) => looks.push(Tensor.narrow(Tensor.narrow(weights, 2, 0, time), 3, 0, time))
  })
  const [block] = parameters.blocks as [Part.Stack["blocks"][number]]
  const { key, value } = cache[0]!
  const normed = Tensor.rmsNorm(rows, block.attentionNorm)
  const split = Tensor.splitLast(Tensor.dense(normed, block.query), [named("heads", heads.length), named("head", head)])
  const query = Tensor.rope(Tensor.permute(split, [0, 2, 1, 3]), Tensor.expandDims(positions, 1))
  const each = heads.map((at) =>
    attend(Tensor.at(query, 1, at), Tensor.at(key, 1, at), Tensor.at(value, 1, at), visible)
  )
  const merged = Tensor.mergeLast(Tensor.stack([each[0]!.mixed, each[1]!.mixed], 2, "heads"))
  const attended = Tensor.add(rows, Tensor.dense(merged, block.output))
  const fed = Tensor.rmsNorm(attended, block.feedNorm)
  const gated = Tensor.mul(Tensor.silu(Tensor.dense(fed, block.gate)), Tensor.dense(fed, block.up))
  const ours = Tensor.rmsNorm(Tensor.add(attended, Tensor.dense(gated, block.down)), parameters.norm)
  return {
    theirs: { hidden, weights: heads.map((at) => Tensor.at(looks[0]!, 1, at)) },
    ours: { hidden: ours, weights: each.map(({ weights }) => weights) }
  }
}

/** The specifications of what the layer is made of. */
export const layerSpecs = [Part.stackSpecs(1), Program.spec(["batch", "time", "width"])] as const
