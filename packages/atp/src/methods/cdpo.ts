import { variant } from "../method/method.ts"
import { contrastive } from "../objective/preference.ts"
import { cot } from "./cot.ts"

/**
 * cDPO (arXiv 2411.19943): chains of a trained model are told right and wrong by their answers. A copy of it goes over the
 * right ones and another over the wrong ones, and their contrast says which symbols of a wrong chain are critical; then the
 * model comes to prefer right chains, blaming a wrong one by symbol. It writes chains as before.
 *
 *     log s_t = (1 + beta) log P_right(y_t) - beta log P_wrong(y_t) - log Z_t
 *     L = -log sigmoid(gamma (sum_t log(pi / ref)(y+_t) - sum_t (1 - s_t) log(pi / ref)(y-_t)))
 *
 * beta, gamma and the loss, of whole chains, are those of the paper. Inferred: all weights learn, at a rate that keeps what was
 * right on the test-bed, without adapters; 16 attempts at a question in place of 64, at the questions of reinforcement; every different
 * wrong chain is paired with a right one of its question.
 *
 * @example
 * Methods.cdpo.preference?.contrast // => 1
 * Methods.cdpo.after?.name // => "CoT-SFT"
 */
export const cdpo = variant(cot, {
  name: "cDPO",
  summary: "writes its steps, and has learnt by symbol what was to blame in wrong chains of its own",
  source: {
    paper: "arXiv 2411.19943",
    equation:
      "s_t = softmax(2 log P_right - log P_wrong)[y_t]; L = -log sigmoid(gamma (sum_t log(pi / ref)(y+_t) - sum_t (1 - s_t) log(pi / ref)(y-_t)))"
  },
  preference: contrastive({ beta: 1, gamma: 1 }),
  after: cot
})
