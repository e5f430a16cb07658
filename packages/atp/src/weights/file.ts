import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { readBytes } from "../input/file.ts"
import { writeAtomically } from "../run/atomic.ts"
import { decode, encode, MalformedWeights, type Weights } from "./safetensors.ts"

/** A weights file that cannot be opened. */
export class UnreadableWeights extends Data.TaggedError("UnreadableWeights")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file} cannot be read: ${this.reason}`
  }
}

/** Half a thousand million numbers. */
const maxBytes = 2 ** 31

/** Writes a safetensors file; a reader sees the old file or the new one. Fails with `WriteFailed`. */
export const saveWeights = (file: string, weights: Weights) =>
  Effect.suspend(() => writeAtomically(file, encode(weights)))

/**
 * Reads a safetensors file of at most 2 GiB. Fails with `UnreadableWeights`, or `MalformedWeights` where its bytes are not
 * honest.
 */
export const loadWeights = Effect.fnUntraced(function* (file: string) {
  const bytes = yield* Effect.mapError(
    readBytes(file, maxBytes),
    ({ reason }) => new UnreadableWeights({ file, reason })
  )
  return yield* Effect.mapError(
    Effect.fromResult(decode(bytes)),
    ({ expected, found, where }) => new MalformedWeights({ file, where, expected, found })
  )
})
