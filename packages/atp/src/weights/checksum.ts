/**
 * A digest of all that is in a weights file, kept in its metadata: names, types, shapes and bytes of the tensors, and what
 * else is said of them. It does not depend on the order in which a program wrote them.
 */
import * as Effect from "effect/Effect"
import { sha256 } from "../run/digest.ts"
import type { HostTensor, Weights } from "./safetensors.ts"

const key = "sha256"

const bytesOf = ({ data }: HostTensor): Uint8Array<ArrayBuffer> =>
  data.buffer instanceof ArrayBuffer
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : // Memory that is shared cannot be digested.
      new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

const ascending = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const digestOf = Effect.fnUntraced(function* ({ metadata, tensors }: Weights): Effect.fn.Return<string> {
  const said = [...metadata].filter(([name]) => name !== key).toSorted(ascending)
  const listed = yield* Effect.forEach([...tensors].toSorted(ascending), ([name, tensor]) =>
    Effect.map(sha256(bytesOf(tensor)), (digest) => [name, tensor.dtype, tensor.shape, digest])
  )
  return yield* sha256(new TextEncoder().encode(JSON.stringify([said, listed])))
})

/** The weights with their digest. */
export const withDigest = (weights: Weights): Effect.Effect<Weights> =>
  Effect.map(digestOf(weights), (digest) => ({ ...weights, metadata: new Map([...weights.metadata, [key, digest]]) }))

/** The digest that weights bear and the one they have, where these differ; null where they do not, or none is borne. */
export const digestThatDiffers = Effect.fnUntraced(function* (
  weights: Weights
): Effect.fn.Return<{ readonly borne: string; readonly found: string } | null> {
  const borne = weights.metadata.get(key)
  if (borne === undefined) return null
  const found = yield* digestOf(weights)
  return found === borne ? null : { borne, found }
})

/** Whether weights bear a digest. */
export const bearsDigest = ({ metadata }: Weights): boolean => metadata.has(key)
