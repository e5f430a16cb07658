import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { FolderLock } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test, vi } from "vitest"
import { decodeHolder, encodeHolder, type Holder, holderHere } from "../../../packages/atp/src/run/holder.ts"
import { apart, lockStates, races, staleLock } from "./races.ts"

const fresh = () => mkdtempSync(join(tmpdir(), "noema-lock-"))
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
const lock = (folder: string) => join(folder, "lock")
const holderOf = (folder: string) => decodeHolder(readFileSync(lock(folder), "utf8"))!
const here = () => run(holderHere)
const elsewhere = async (): Promise<Holder> => ({ ...(await here()), space: "pid:[1]", pid: 1, host: "box" })

test("a folder is kept as long as the scope is open, and by nobody afterwards", async () => {
  const folder = join(fresh(), "new")
  await run(
    Effect.gen(function* () {
      yield* FolderLock.lockRun(folder)
      expect(readdirSync(folder)).toEqual(["lock"])
      expect(holderOf(folder)).toMatchObject({ pid: process.pid, host: hostname() })
    })
  )
  expect(readdirSync(folder)).toEqual([])
})

test("a folder that a living process keeps is refused, with its number, and stays as it is", async () => {
  const folder = fresh()
  writeFileSync(join(folder, "a.safetensors.7.partial"), "half")
  await run(
    Effect.gen(function* () {
      writeFileSync(join(folder, "a.safetensors.7.partial"), "half")
      // This very process, in another part of the program.
      yield* FolderLock.lockRun(folder)
      const before = readdirSync(folder)
      const refusal = yield* Effect.flip(FolderLock.lockRun(folder))
      expect(refusal.message).toBe(
        `${folder} is in use by process ${process.pid} of ${hostname()}; wait for it or choose another folder with --out`
      )
      expect(readdirSync(folder)).toEqual(before)
    })
  )
})

test.each([
  ["a process that was killed", staleLock],
  ["nobody", async () => ""],
  ["a program that writes no locks", async () => "12"],
  ["an earlier process with our number", async () => encodeHolder({ ...(await here()), start: "1" })],
  ["a lock whose token leads elsewhere", async () => encodeHolder({ ...(await here()), token: "../../x" })]
])("what %s left behind is taken over, and halves of files are removed", async (_, content) => {
  const folder = fresh()
  writeFileSync(lock(folder), await content())
  writeFileSync(join(folder, "a.safetensors"), "whole")
  for (const half of ["a.safetensors.7.partial", "lock.dead.next"]) writeFileSync(join(folder, half), "half")
  writeFileSync(join(folder, "lock.dead.partial"), await staleLock())
  await run(
    Effect.gen(function* () {
      yield* FolderLock.lockRun(folder)
      expect(readdirSync(folder).toSorted()).toEqual(["a.safetensors", "lock"])
    })
  )
  expect(readdirSync(folder)).toEqual(["a.safetensors"])
})

describe("a holder that cannot be seen from here", () => {
  const attempt = async (content: string, secondsAgo: number) => {
    const folder = fresh()
    writeFileSync(lock(folder), content)
    const then = Date.now() / 1000 - secondsAgo
    utimesSync(lock(folder), then, then)
    return run(Effect.match(FolderLock.lockRun(folder), { onSuccess: () => null, onFailure: ({ message }) => message }))
  }
  test.each([
    ["a container", {}],
    ["another machine", { boot: "other" }]
  ])("in %s, counts as living until it has been silent for two minutes", async (_, other) => {
    const holder = encodeHolder({ ...(await elsewhere()), ...other })
    const refusal = await attempt(holder, 100)
    expect(refusal).toContain("is in use by process 1 of box")
    expect(refusal).toContain("it cannot be seen from here and is given up after 120 s without a sign of life")
    expect(await attempt(holder, 130)).toBeNull()
  })
})

test("who keeps a folder gives a sign of life every ten seconds", async () => {
  const folder = fresh()
  await run(
    Effect.gen(function* () {
      yield* FolderLock.lockRun(folder)
      const content = readFileSync(lock(folder), "utf8")
      // The first sign is on its way when the lock is made.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      utimesSync(lock(folder), 1, 1)
      yield* TestClock.adjust("10 seconds")
      yield* Effect.promise(() => vi.waitUntil(() => statSync(lock(folder)).mtimeMs > 1000))
      expect(readFileSync(lock(folder), "utf8")).toBe(content)
    }).pipe(Effect.provide(TestClock.layer()))
  )
})

test("a folder that was removed, or is another's by now, is not written to any more", async () => {
  for (const [change, expected] of [
    [(folder: string) => rmSync(folder, { recursive: true }), /was removed, or its lock was/],
    [(folder: string, other: string) => writeFileSync(lock(folder), other), /was taken over by process 1 of box/]
  ] as const) {
    const folder = fresh()
    const other = encodeHolder({ ...(await elsewhere()), token: "other" })
    await run(
      Effect.gen(function* () {
        const kept = yield* FolderLock.lockRun(folder)
        yield* kept.check
        change(folder, other)
        expect((yield* Effect.flip(kept.check)).message).toMatch(expected)
      })
    )
    // Only one's own is let go.
    if (existsSync(folder)) expect(readFileSync(lock(folder), "utf8")).toBe(other)
  }
})

describe("of processes that start at the same moment, one enters and never two", () => {
  test.each(Object.keys(lockStates) as ReadonlyArray<keyof typeof lockStates>)(
    "where the lock is %s",
    async (state) => {
      const { outcomes, unwon } = await races(state, 60, 3)
      expect(Object.keys(outcomes).filter((outcome) => outcome !== "entered" && outcome !== "refused")).toEqual([])
      expect(unwon).toBe(0)
    },
    60_000
  )
  test.skipIf(apart === null)(
    "where each is process 1 of a container",
    async () => {
      const { outcomes, unwon } = await races("fresh", 40, 2, apart!)
      expect(Object.keys(outcomes).filter((outcome) => outcome !== "entered" && outcome !== "refused")).toEqual([])
      expect(unwon).toBe(0)
    },
    60_000
  )
})
