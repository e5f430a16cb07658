import { writtenChain } from "../layout/layout.ts"
import { type BackbonePart, method, type MethodOf } from "../method/method.ts"
import { text } from "../objective/text.ts"
import { llama } from "../part/llama.ts"
import { hiddenState } from "../policy/hiddenState.ts"
import { fixedCount } from "../stop/stop.ts"

/** Chain of thought on a backbone: the steps are written out. */
export const writing = (backbone: BackbonePart): MethodOf<unknown, "unscored"> =>
  method({
    name: "CoT-SFT",
    summary: "writes its steps, then the answer",
    source: {
      paper: "arXiv 2201.11903",
      equation: "p(s_1, ..., s_n, a | q), symbol by symbol"
    },
    backbone,
    parts: {},
    policy: () => hiddenState,
    stop: () => fixedCount,
    layout: writtenChain,
    objective: [text(1)]
  })

/**
 * Chain of thought (arXiv 2201.11903): the steps are written out.
 *
 * @example
 * Methods.cot.layout.thinks // => false
 * Methods.cot.layout.writes // => "chain"
 */
export const cot = writing(llama)
