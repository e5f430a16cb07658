import { latentsAtOnce } from "../layout/layout.ts"
import { method } from "../method/method.ts"
import { calling } from "../objective/calling.ts"
import { inOrder, marked } from "../objective/marked.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { marks } from "../part/marks.ts"
import { stateDecoder } from "../part/stepDecoder.ts"
import { likeliestMark } from "../policy/marks.ts"
import { Advantage, Estimator, Replay } from "../reinforce/index.ts"
import { byMark } from "../stop/byMark.ts"

/** Seeds that carry the content of a step; the trigger that fires the call comes behind them. */
const seeds = 2

/**
 * CoLT (arXiv 2602.04246): the model stays in token space. For each step it writes seeds B_1 .. B_m and a trigger T, marks of
 * its own; a small decoder is called with the states h behind them, U_k = W h_(S_k), and the text of the step that it writes,
 * p(y_k | U_k), goes back into the context behind them. Training is joint: cross-entropy of seeds, trigger and answer with the
 * steps of the data put back, plus that of the steps given the states of their seeds, whose gradient goes on into the model.
 *
 * Inferred, since neither code nor the full text was at hand: m = 2, both losses weigh 1, seeds stay in the context, the
 * decoder has a layer and writes its likeliest text, a step that is put back is no label of the model, and seeds come in one
 * order, so that the decision among ids is whether to call again or to answer: these decisions and the answer are the actions
 * of GRPO, beside which the decoder stays as it is and chains are gone over.
 *
 * @example
 * Methods.colt.calls // => true
 * Methods.colt.layout.perStep // => 3
 * Methods.colt.terms.map(({ name }) => name) // => ["text", "marks", "calls"]
 */
export const colt = method({
  name: "CoLT",
  summary: "calls a small decoder for each step, whose text goes back into the context",
  source: {
    paper: "arXiv 2602.04246",
    equation: "y_k ~ Dec(W h_(S_k)); context = q, S_1, y_1, S_2, y_2, ...; L = CE(S, a) + CE(y_k | W h_(S_k))"
  },
  backbone: llama,
  parts: { seeds: marks(seeds + 1), steps: stateDecoder() },
  policy: ({ seeds }) => likeliestMark(seeds),
  stop: ({ backbone, seeds }) => byMark(backbone, seeds),
  tool: ({ steps }) => steps,
  given:
    ({ seeds }) =>
    (batch, thinking) =>
      seeds.embed(inOrder(batch, thinking, null)),
  layout: latentsAtOnce({ perStep: seeds + 1 }),
  objective: [text(1), marked(1, "seeds", inOrder), calling(1, "steps")],
  reinforcement: {
    frozen: ["steps"],
    estimator: Estimator.reparameterised,
    advantage: Advantage.groupRelative(),
    replay: Replay.chains(64, { weight: 0.2 })
  }
})
