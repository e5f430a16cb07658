import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { reasonOf, writeAtomically } from "../run/atomic.ts"
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

/** Writes a safetensors file; a reader sees the old file or the new one. Fails with `WriteFailed`. */
export const saveWeights = (file: string, weights: Weights) => writeAtomically(file, encode(weights))

/** Reads a safetensors file. Fails with `UnreadableWeights`, or `MalformedWeights` where its bytes are not honest. */
export const loadWeights = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(
    files.readFile(file),
    (error) => new UnreadableWeights({ file, reason: reasonOf(error) })
  )
  return yield* Effect.mapError(
    Effect.fromResult(decode(bytes)),
    ({ expected, found, where }) => new MalformedWeights({ file, where, expected, found })
  )
})
