import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { type Safetensors, WeightsFile } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import fc from "fast-check"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
const file = join(mkdtempSync(join(tmpdir(), "noema-checksum-")), "model.safetensors")

const weights: Safetensors.Weights = {
  tensors: new Map<string, Safetensors.HostTensor>([
    ["w", { dtype: "f32", shape: [2, 3], data: Float32Array.of(0, -0, 1.5, Number.NaN, 1e-40, -3) }],
    ["i", { dtype: "i32", shape: [2], data: Int32Array.of(-1, 7) }],
    ["none", { dtype: "f32", shape: [0], data: new Float32Array(0) }]
  ]),
  metadata: new Map([["format", "pt"]])
}

test("what was written is read", async () => {
  await run(WeightsFile.saveWeights(file, weights))
  const { metadata, tensors } = await run(WeightsFile.loadWeights(file))
  expect(tensors).toEqual(weights.tensors)
  expect(metadata.get("sha256")).toMatch(/^[\da-f]{64}$/)
})

test("a flipped bit is found, or has changed no tensor", async () => {
  await run(WeightsFile.saveWeights(file, weights))
  const bytes = readFileSync(file)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(file, flipped)
      const read = await run(
        Effect.match(WeightsFile.loadWeights(file), {
          onSuccess: ({ tensors }) => tensors,
          onFailure: ({ message }) => message
        })
      )
      if (typeof read === "string") expect(read).toContain(`${file}: malformed safetensors, `)
      else expect(read).toEqual(weights.tensors)
    }),
    { numRuns: 300 }
  )
})

test("the digest is of the content, not of the order in which a program wrote it", async () => {
  const digestOf = async (order: (entries: Array<[string, Safetensors.HostTensor]>) => typeof entries) => {
    await run(WeightsFile.saveWeights(file, { ...weights, tensors: new Map(order([...weights.tensors])) }))
    return (await run(WeightsFile.loadWeights(file))).metadata.get("sha256")
  }
  expect(await digestOf((entries) => entries.toReversed())).toBe(await digestOf((entries) => entries))
})
