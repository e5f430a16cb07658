/** What there is to warn of before chains are compressed. */
import { formsOf, type Phase } from "../layout/layout.ts"
import type { Packing } from "./batches.ts"
import { ChainsTooShort } from "./warnings.ts"

/** A pace beyond chains, as one warning or none. Chains without any step are not looked at. */
export const paceBeyond = (
  { problems, tokenizer }: Pick<Packing, "problems" | "tokenizer">,
  phases: ReadonlyArray<Phase>
): ReadonlyArray<ChainsTooShort> => {
  const factor = Math.max(0, ...phases.flatMap(formsOf).map(({ pace = 0 }) => pace))
  if (factor <= 1) return []
  const lengths = problems
    .filter(({ steps }) => steps.length > 0)
    .map(({ steps }) => steps.reduce((sum, step) => sum + tokenizer.encode(step).length + 1, 0))
  const chains = lengths.filter((length) => length < factor).length
  const shortest = lengths.reduce((least, length) => Math.min(least, length), Number.POSITIVE_INFINITY)
  return chains === 0 ? [] : [new ChainsTooShort({ round: 1, factor, chains, of: lengths.length, shortest })]
}
