import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { readBytes } from "../input/file.ts"
import { plain } from "../input/shown.ts"
import { writeAtomically } from "../run/atomic.ts"
import { digestThatDiffers, withDigest } from "./checksum.ts"
import { decode, encode, type Floats, MalformedWeights, rounded, type Weights } from "./safetensors.ts"

/**
 * A weights file that cannot be opened.
 *
 * @example
 * yield* Weights.load("nowhere.safetensors")
 * // fails nowhere.safetensors cannot be read: ENOENT: no such file or directory
 */
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

/**
 * Writes a safetensors file with a digest of all that is in it; a reader sees the old file or the new one. The old one is
 * kept under the name `keep`, if that is given. As `"F16"` numbers are rounded to half the bytes. Fails with `WriteFailed`.
 *
 * @example
 * const scale = { dtype: "f32", shape: [2], data: Float32Array.of(1, 2) } as const
 * yield* Weights.save(`${folder}/mine.safetensors`, { tensors: new Map([["scale", scale]]), metadata: new Map() })
 * const { metadata, tensors } = yield* Weights.load(`${folder}/mine.safetensors`)
 * tensors.get("scale")?.data // => [1, 2]
 * [...metadata.keys()] // => ["sha256"]
 */
export const saveWeights = (file: string, weights: Weights, keep?: string, floats: Floats = "F32") =>
  Effect.flatMap(withDigest(rounded(weights, floats)), (weights) =>
    writeAtomically(file, encode(weights, floats), keep)
  )

/**
 * Weights from the bytes of a file that is called so. Fails with `MalformedWeights` where its bytes are not honest, or not
 * those that its digest was made of; other programs write files without one.
 *
 * @example
 * const failed = yield* Effect.flip(Weights.read("mine.safetensors", new Uint8Array(2)))
 * failed.message // => "mine.safetensors: malformed safetensors, header: expected 8 bytes of header length, found 2 bytes"
 */
export const readWeights = Effect.fnUntraced(function* (
  file: string,
  bytes: Uint8Array
): Effect.fn.Return<Weights, MalformedWeights> {
  const weights = yield* Effect.mapError(
    Effect.fromResult(decode(bytes)),
    ({ expected, found, where }) => new MalformedWeights({ file, where, expected, found })
  )
  const difference = yield* digestThatDiffers(weights)
  if (difference === null) return weights
  const { borne, found } = difference
  return yield* new MalformedWeights({
    file,
    where: "content",
    expected: `the SHA-256 that was written with it, ${plain(borne, 64)}`,
    found
  })
})

/**
 * Reads a safetensors file of at most 2 GiB. Fails with `UnreadableWeights`, or as `Weights.read`.
 *
 * @example
 * writeFileSync(`${folder}/mine.safetensors`, "no")
 * const failed = yield* Effect.flip(Weights.load(`${folder}/mine.safetensors`))
 * failed.message.replace(folder, "")
 * // => "/mine.safetensors: malformed safetensors, header: expected 8 bytes of header length, found 2 bytes"
 */
export const loadWeights = (
  file: string
): Effect.Effect<Weights, UnreadableWeights | MalformedWeights, FileSystem.FileSystem> =>
  Effect.flatMap(
    Effect.mapError(readBytes(file, maxBytes), ({ reason }) => new UnreadableWeights({ file, reason })),
    (bytes) => readWeights(file, bytes)
  )
