import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { FolderLock } from "@noema/atp"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

const fresh = () => mkdtempSync(join(tmpdir(), "noema-lock-"))
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
const lock = (folder: string) => join(folder, "lock")

test("a folder is kept as long as the scope is open, and by nobody afterwards", async () => {
  const folder = join(fresh(), "new")
  await run(
    Effect.gen(function* () {
      yield* FolderLock.lockRun(folder)
      expect(readFileSync(lock(folder), "utf8")).toBe(`${process.pid}`)
    })
  )
  expect(existsSync(lock(folder))).toBe(false)
})

test("a folder that a living process keeps is refused, with its number, and stays as it is", async () => {
  const folder = fresh()
  writeFileSync(lock(folder), `${process.ppid}`)
  writeFileSync(join(folder, "a.safetensors.7.partial"), "half")
  const refusal = await run(Effect.flip(FolderLock.lockRun(folder)))
  expect(refusal.message).toContain(`${folder} is in use by process ${process.ppid}`)
  expect(readdirSync(folder).toSorted()).toEqual(["a.safetensors.7.partial", "lock"])
})

test.each([
  ["a process that was killed", () => `${spawnSync(process.execPath, ["--version"]).pid}`],
  ["nobody", () => ""],
  ["an earlier process with our number", () => `${process.pid}`]
])("what %s left behind is taken over, and halves of files are removed", async (_, holder) => {
  const folder = fresh()
  writeFileSync(lock(folder), holder())
  writeFileSync(join(folder, "a.safetensors"), "whole")
  writeFileSync(join(folder, "a.safetensors.7.partial"), "half")
  await run(
    Effect.gen(function* () {
      yield* FolderLock.lockRun(folder)
      expect(readdirSync(folder).toSorted()).toEqual(["a.safetensors", "lock"])
    })
  )
  expect(readdirSync(folder)).toEqual(["a.safetensors"])
})
