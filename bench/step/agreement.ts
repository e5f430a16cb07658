/** Whether training goes as PyTorch's: losses over many steps from the same weights on the same tokens. */
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import type { StepCase } from "../harness/cases.ts"
import { startPeer } from "../harness/peers.ts"
import { isAbsent } from "../harness/process.ts"
import { training } from "./training.ts"

const small: StepCase = { kind: "step", d: 128, layers: 4, heads: 4, ff: 352, vocab: 64, batch: 8, seq: 48 }

const ours = (count: number): Promise<ReadonlyArray<number>> =>
  Effect.gen(function* () {
    const { step } = yield* training(small)
    const losses: Array<number> = []
    for (let i = 0; i < count; i++) losses.push((yield* step).data[0]!)
    return losses
  }).pipe(Effect.scoped, Effect.provide(Wasm.layer({ threads: 1 })), Effect.runPromise)

export const agreement = async (count: number): Promise<string> => {
  const torch = await startPeer("torch")
  if (isAbsent(torch)) return `No losses to compare: torch is absent (${torch.absent}).`
  try {
    const losses = await ours(count)
    const pairs: Array<string> = []
    let largest = 0
    for (const after of new Set([1, Math.ceil(count / 5), Math.ceil(count / 2), count])) {
      const theirs = await torch.prepare({ ...small, after })
      if (isAbsent(theirs)) return `No losses to compare: ${theirs.absent}.`
      const loss = losses[after - 1]!
      largest = Math.max(largest, Math.abs(loss - theirs.meanAbs))
      pairs.push(`step ${after}: ${loss.toFixed(5)} and ${theirs.meanAbs.toFixed(5)}`)
    }
    return `Loss of ours and of torch from the same weights and tokens (batch ${small.batch}), ${pairs.join("; ")}. The largest difference is ${largest.toExponential(1)}.`
  } finally {
    torch.close()
  }
}
