import { Program, type Shape, Tensor } from "@noema/tensor"
import { latentsAtOnce } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { distillation, teacher } from "../objective/distillation.ts"
import { text } from "../objective/text.ts"
import * as Initial from "../part/initial.ts"
import { llama } from "../part/llama.ts"
import { part } from "../part/part.ts"
import type { StepPolicy } from "../policy/policy.ts"
import { fixedCount } from "../stop/stop.ts"

const { spec } = Program

/** LayerNorm(W2 gelu(W1 h)): from a hidden state to the next latent. */
const projection = part({
  specs: {
    first: spec(["width", "inner"]),
    firstBias: spec(["inner"]),
    second: spec(["inner", "width"]),
    secondBias: spec(["width"]),
    scale: spec(["width"]),
    shift: spec(["width"])
  },
  sizes: { inner: ({ width }) => width },
  init: {
    first: Initial.lecun,
    firstBias: Initial.zeros,
    second: Initial.lecun,
    secondBias: Initial.zeros,
    scale: Initial.ones,
    shift: Initial.zeros
  },
  use: (p) => ({
    of: <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>): Tensor.Tensor<[...B, "width"]> => {
      const inner = Tensor.gelu(Tensor.dense(hidden, p.first, p.firstBias))
      return Tensor.layerNorm(Tensor.dense(inner, p.second, p.secondBias), p.scale, p.shift)
    }
  })
})

const projected = ({ of }: { readonly of: StepPolicyOf }): StepPolicy<"unscored"> => ({
  name: "projected hidden state",
  density: "unscored",
  sampling: "reparameterised",
  dist: (hidden) => {
    const mode = of(hidden)
    return { mode, at: () => mode, logProb: undefined, kl: null }
  }
})

type StepPolicyOf = <B extends Shape>(hidden: Tensor.Tensor<[...B, "width"]>) => Tensor.Tensor<[...B, "width"]>

/**
 * CODI (arXiv 2502.21074): the same model writes the chain and thinks it, and its states before the answer are drawn to
 * those that the written chain leads to.
 *
 * @example
 * Methods.codi.layout.name // => "latents at once"
 * Methods.codi.terms.map(({ name, weight }) => `${weight} ${name}`) // => ["1 text", "1 teacher", "20 distillation"]
 */
export const codi = method({
  name: "CODI",
  summary: "distils its own written chain into latents",
  source: {
    paper: "arXiv 2502.21074, section 3",
    equation:
      "z_t = LayerNorm(W2 gelu(W1 h_t)); loss = CE(a | q, z) + CE(s, a | q) + 20 L1(states before a after z, those after s)"
  },
  backbone: llama,
  parts: { projection },
  policy: ({ projection }) => projected(projection),
  stop: () => fixedCount,
  layout: latentsAtOnce(),
  objective: [text(1), teacher(1), distillation(20)]
})
