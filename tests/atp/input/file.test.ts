import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { execFileSync } from "node:child_process"
import { mkdtempSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { readBytes, readText } from "../../../packages/atp/src/input/file.ts"

const folder = mkdtempSync(join(tmpdir(), "noema-input-"))
const run = <A, E>(effect: Effect.Effect<A, E, import("effect/FileSystem").FileSystem>) =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))
const refusal = (
  effect: Effect.Effect<unknown, { readonly message: string }, import("effect/FileSystem").FileSystem>
) => run(Effect.match(effect, { onFailure: ({ message }) => message, onSuccess: () => "read" }))

test("bytes read back the same, up to the size that is allowed", async () => {
  const file = join(folder, "bytes")
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), async (bytes) => {
      writeFileSync(file, bytes)
      expect(await run(readBytes(file, bytes.length))).toEqual(bytes)
      if (bytes.length > 0)
        expect(await refusal(readBytes(file, bytes.length - 1))).toBe(
          `${file} cannot be read: expected at most ${bytes.length - 1} bytes, found ${bytes.length}`
        )
    }),
    { numRuns: 30 }
  )
})

describe("what is not a regular file is refused before it is opened", () => {
  const pipe = join(folder, "pipe")
  execFileSync("mkfifo", [pipe])
  test.each([
    [folder, "expected a regular file, found a folder"],
    [pipe, "expected a regular file, found a pipe"],
    ["/dev/zero", "expected a regular file, found a device"],
    [join(folder, "absent"), "ENOENT: no such file or directory"]
  ])("%s", async (file, expected) => {
    expect(await refusal(readBytes(file, 10))).toBe(`${file} cannot be read: ${expected}`)
  })
})

test("a size is refused before there is room for it", async () => {
  const file = join(folder, "sparse")
  writeFileSync(file, "")
  truncateSync(file, 2 ** 42)
  expect(await refusal(readBytes(file, 2 ** 30))).toContain("expected at most 1073741824 bytes, found 4398046511104")
})

test("text is UTF-8, with a byte order mark or without one, or it is refused", async () => {
  const file = join(folder, "text")
  writeFileSync(file, "\uFEFFé\u{1F600}")
  expect(await run(readText(file, 100))).toBe("é\u{1F600}")
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 8 }), async (bytes) => {
      writeFileSync(file, bytes)
      const text = await refusal(Effect.flatMap(readText(file, 100), (text) => Effect.fail({ message: text })))
      const honest = Buffer.from(bytes)
        .toString("utf8")
        .replace(/^\uFEFF/, "")
      expect([honest, `${file} cannot be read: expected text in UTF-8, found bytes that are not`]).toContain(text)
    }),
    { numRuns: 100 }
  )
  writeFileSync(file, Uint8Array.of(0x61, 0xff))
  expect(await refusal(readText(file, 100))).toContain("expected text in UTF-8")
})
