import { merge, Tensor } from "@noema/tensor"
import { type Layout, updatesAfterWarmStart } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import type { Given } from "../model/model.ts"
import { spellingAtOnce } from "../objective/atOnce.ts"
import { prior } from "../objective/prior.ts"
import { sparsity } from "../objective/sparsity.ts"
import { spelling } from "../objective/spelling.ts"
import { text } from "../objective/text.ts"
import { multiplier } from "../part/multiplier.ts"
import { neuronBank } from "../part/neuronBank.ts"
import { priorHead } from "../part/priorHead.ts"
import { type StepEncoder, stepEncoder } from "../part/stepEncoder.ts"
import { gaussian } from "../policy/gaussian.ts"
import { fixedCount } from "../stop/stop.ts"

/** Transitions of the bank, whatever the chain: two blocks of steps, and the answer. */
const transitions = 3

/** First everything but the prior, then the prior alone, for as long. */
const twoPhases: Layout = {
  name: `${transitions} blocks`,
  thinks: true,
  writes: "answer",
  spare: "answer",
  blocks: transitions,
  perStep: 1,
  phases: (budget) => {
    const all = updatesAfterWarmStart(budget)
    const updates = Math.floor(all / 2)
    const form = { latentSteps: transitions, text: "none" } as const
    return [
      { name: "steps", ...form, learns: ["backbone", "posterior", "sparse"], updates: all - updates },
      { name: "prior", ...form, learns: ["prior"], updates }
    ]
  }
}

/** The random vector of each step is that which its own text is encoded to. */
const posteriorOf =
  ({ of }: StepEncoder): Given =>
  ({ groups }, { perStep }) => {
    const [batch, steps] = [Tensor.dim(groups, 0), Tensor.dim(groups, 1)]
    const rows = merge(batch, steps)
    const each = of(Tensor.reshape(groups, [rows, Tensor.dim(groups, 2)]))
    const latents = Tensor.reshape(each, [batch, steps, Tensor.dim(each, 1)])
    return Tensor.stack(
      Array.from({ length: perStep }, () => latents),
      2,
      "each"
    )
  }

/**
 * MARCOS (arXiv 2509.25020): thinking is a Markov chain over a bank of neurons. Each transition sees the question, the bank
 * and a random vector, which in training an encoder makes of the step's own text, held sparse, and which is drawn from a head
 * where no step is known; each bank is put into words by itself, symbol by symbol and all at once. In the second phase that
 * head learns what the encoder says, and nothing else learns.
 *
 *     r_k ~ N(mu, diag exp v), (mu, v) = g(mean N_(k-1) + mean H);  N_k = Think([H; N_(k-1) with r_k]);  s_k ~ Speak(shallow N_k)
 *
 * The paper has 10 deep rows, 100 shallow ones for steps of up to 128 symbols, and 16 random ones; here are 4, 16 and 4, for
 * steps of a dozen.
 * Inferred: the warm start, the shared table and the width of r (see the backbone `neuronBank`), a controlled weight that moves
 * by a learning rate instead of a hundredth every 500 batches, one learning rate for both phases, and the standard density in
 * place of the released one, which squares a quotient by the doubled variance. Evaluated at its mean, r_k is the mean of g;
 * the paper draws it.
 *
 * @example
 * const budget = { maxSteps: 2, warmStart: 0, perStage: 100, final: 50, chainSymbols: 12 }
 * const phases = Methods.marcos.layout.phases(budget)
 * phases.map(({ learns, updates }) => [updates, ...(learns ?? [])])
 * // => [[125, "backbone", "posterior", "sparse"], [125, "prior"]]
 */
export const marcos = method({
  name: "MARCOS",
  summary: "thinks in transitions of a bank of neurons, under random vectors that its steps are encoded to",
  source: {
    paper: "arXiv 2509.25020",
    equation:
      "r_k ~ g(mean N_(k-1) + mean H); N_k = Think([H; N_(k-1) with r_k]); s_k ~ Speak(shallow N_k); L = -log p(s_k | N_k) - log p_at_once(s_k | N_k) + lambda |r_k|_1, then -log g(r_k), r_k = relu(W f(s_k))"
  },
  backbone: neuronBank({ deep: 4, shallow: 16, random: 4 }),
  parts: {
    prior: priorHead(),
    posterior: stepEncoder(),
    sparse: multiplier({ first: 1e-4, least: 1e-6, most: 0.1 })
  },
  policy: ({ prior }) => gaussian(prior),
  stop: () => fixedCount,
  speaker: ({ backbone }) => backbone,
  given: ({ posterior }) => posteriorOf(posterior),
  layout: twoPhases,
  objective: [
    text(1),
    spelling(1, "backbone"),
    spellingAtOnce(1, "backbone"),
    sparsity(1, "sparse", { target: 10 }),
    prior(1)
  ]
})
