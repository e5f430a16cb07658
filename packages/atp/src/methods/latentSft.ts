import { stopGradient } from "@noema/autodiff"
import { compressed, type Layout } from "../layout/layout.ts"
import { method, variant } from "../method/method.ts"
import { aliveOf, ending, pieces, sparseKl, superposed } from "../objective/superposition.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { marks } from "../part/marks.ts"
import * as mixture from "../policy/mixture.ts"
import { byToken } from "../stop/byToken.ts"

/** Symbols that a mixture keeps. */
const top = 10

/** A latent for every two symbols of a chain. */
const layout = compressed({ factors: [2], used: 2 })

/** As many updates as one stage of a curriculum has for each step. */
const encoding: Layout = {
  ...layout,
  name: `${layout.name}, encoded`,
  phases: (budget) => layout.phases(budget).map((phase) => ({ ...phase, updates: budget.maxSteps * budget.perStage }))
}

/** The first training: an encoder of chains, and the model that reads what it makes of them. */
const encoder = method({
  name: "Latent-SFT encoder",
  summary: "learns mixtures of symbols from which the next piece of a chain and the answer are read",
  source: {
    paper: "arXiv 2510.15522, section 3",
    equation:
      "z_i = sum_(v in top 10) alpha_i,v E[v], alpha_i = softmax(head h_i); L = CE(S_(i+1) | z_i) + CE(<eot>, a | q, z)"
  },
  backbone: llama,
  parts: { encoder: llama, compress: marks(1) },
  policy: ({ backbone }) => mixture.softThinking(backbone, { temperature: 1, top }),
  stop: ({ backbone }) => byToken(backbone),
  layout: encoding,
  given: (parts) => (batch) => superposed(parts, batch, top),
  objective: [text(1), ending(1), pieces(1), aliveOf(top)],
  copies: ["encoder"]
})

/**
 * Latent-SFT (arXiv 2510.15522): a latent is a mixture of the embeddings of a few symbols. First an encoder, under a mask in
 * which no place sees another latent, makes one behind every two symbols of a chain, so that the model reads from it the next
 * piece, seeing nothing else, and from all of them the answer. Then the encoder stays as it is, and the model learns to write
 * its mixtures: the divergence of its next symbol from what is taught, and the cross-entropy of their end and the answer. By
 * itself it feeds back the mixture of its ten likeliest symbols, until it would rather end.
 *
 * Inferred: encoder and model begin as the model of written chains and learn all of their weights at once, without adapters
 * and without a training of each alone; the encoder mixes by its own output table; the first training has as many updates as
 * the stages of a curriculum; and no Gumbel noise is added to what is fed, unless a variant says `given` with it
 * (`Objective.superposed`). Mixtures that noise draws are those of Latent-GRPO.
 *
 * @example
 * Methods.latentSft.after?.name // => "Latent-SFT encoder"
 * Methods.latentSft.frozen // => ["encoder", "compress"]
 */
export const latentSft = variant(encoder, {
  name: "Latent-SFT",
  summary: "feeds mixtures of its likeliest symbols back, taught by an encoder of its chains",
  source: {
    paper: "arXiv 2510.15522",
    equation: "z_i = sum_(v in top 10) p_v E[v]; L = CE(<eot>, a | q, z) + KL(alpha_i || p(. | q, z_(<i)))"
  },
  layout,
  given: (parts) => (batch) => stopGradient(superposed(parts, batch, top)),
  objective: [text(1), ending(1), sparseKl(1, top)],
  frozen: ["encoder", "compress"],
  after: encoder
})
