import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Folder, type Safetensors } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { checkpointsOf } from "../../../packages/atp/src/checkpoint/checkpoint.ts"
import { repairRun, verifyRun } from "../../../packages/atp/src/checkpoint/verify.ts"

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

const extent = { reports: 10, updatesPerReport: 2 }
const state = (updates: number): Safetensors.Weights => ({
  tensors: new Map([["updates", { dtype: "f32", shape: [], data: Float32Array.of(updates) }]]),
  metadata: new Map()
})
let path = ""
const file = (name: string) => join(path, name)
const goOn = (from: number, to: number) =>
  Effect.gen(function* () {
    const folder = yield* Folder.openRun(path, { seed: 1 }, { device: "wasm" })
    const checkpoints = yield* checkpointsOf(folder, "sft", extent)
    const at = (yield* checkpoints.restore)?.reports ?? 0
    expect(at).toBe(from)
    yield* folder.forget("sft", at)
    for (let update = at + 1; update <= to; update++) {
      yield* folder.record({ stage: "sft", update })
      if (update % 2 === 0) yield* checkpoints.save(state(2 * update), update)
    }
    return yield* folder.metrics
  })
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), "noema-verify-"))
  await run(goOn(0, 6))
})
const damaged = async () =>
  (await run(verifyRun(path))).filter(({ state }) => state === "damaged" || state === "missing")
const rewrite = (change: (lines: Array<string>) => ReadonlyArray<string>) => {
  const lines = readFileSync(file("metrics.jsonl"), "utf8").split("\n").slice(0, -1)
  writeFileSync(
    file("metrics.jsonl"),
    change(lines)
      .map((line) => `${line}\n`)
      .join("")
  )
}
const flip = (name: string) => {
  const bytes = readFileSync(file(name))
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(file(name), bytes)
}

test("in a run as it was left nothing is damaged, and nothing is done", async () => {
  const before = readdirSync(path)
  expect(await damaged()).toEqual([])
  expect(await run(repairRun(path))).toEqual([])
  expect(readdirSync(path)).toEqual(before)
})

test("metrics lose what is damaged, say what is lost, and the run goes on", async () => {
  rewrite((lines) => [lines[0]!, "{", lines[2]!, lines[2]!, lines[5]!])
  const was = readFileSync(file("metrics.jsonl"))
  const [found] = await damaged()
  expect(found!.file).toBe("metrics.jsonl")
  expect(found!.what).toMatch(
    /^at line 2, expected JSON, found .*; at line 3, update 2 of "sft" missing; at line 4, .*; 1 more$/
  )
  await expect(run(goOn(6, 8))).rejects.toThrow("noema verify")
  expect(await run(repairRun(path))).toHaveLength(1)
  expect(readFileSync(file("metrics.jsonl.damaged")).equals(was)).toBe(true)
  expect(await damaged()).toEqual([])
  const metrics = await run(goOn(6, 8))
  expect(metrics.map(({ update }) => update)).toEqual([1, 3, 6, 7, 8])
  expect(readFileSync(file("metrics.jsonl"), "utf8")).toContain('{"stage":"sft","update":5,"lost":2}')
})

test("metrics that end before the checkpoint say what is lost", async () => {
  rewrite((lines) => lines.slice(0, 3))
  expect((await damaged())[0]!.what).toBe('at the end, updates 4 to 6 of "sft" missing')
  await run(repairRun(path))
  expect((await run(goOn(6, 7))).map(({ update }) => update)).toEqual([1, 2, 3, 7])
})

test("of a damaged checkpoint it is said where the run goes on", async () => {
  flip("sft.safetensors")
  const [found, ...others] = await damaged()
  expect(others).toEqual([])
  expect(found).toMatchObject({
    file: "sft.safetensors",
    remedy: "training goes on from update 4, which is good, to the same bits"
  })
  flip("sft.previous.safetensors")
  expect((await damaged()).map(({ remedy }) => remedy)).toEqual([
    expect.stringContaining("put it back from a copy, or remove the stage's checkpoints"),
    expect.stringContaining("put it back from a copy, or remove the stage's checkpoints")
  ])
})

test("a config that was changed is damage that only a copy mends", async () => {
  writeFileSync(file("config.json"), '{"seed": 2}')
  expect(await damaged()).toMatchObject([{ file: "config.json", state: "damaged", repairable: false }])
})

test.each(["gone", "spoilt"])("a run.json that is %s is written anew, where that is asked for", async (how) => {
  if (how === "gone") rmSync(file("run.json"))
  else writeFileSync(file("run.json"), "{}")
  expect(await damaged()).toMatchObject([{ file: "run.json", repairable: true }])
  await expect(run(goOn(6, 7))).rejects.toThrow("run.json is not as a run writes it")
  await run(repairRun(path))
  expect(await damaged()).toEqual([])
  expect(await run(goOn(6, 7))).toHaveLength(7)
})

test("what a kill left is told of and is no damage; a folder of something else is no run", async () => {
  writeFileSync(file("sft.safetensors.7.partial"), "half")
  writeFileSync(file("metrics.jsonl"), "{", { flag: "a" })
  expect(await damaged()).toEqual([])
  const notes = (await run(verifyRun(path))).filter(({ state }) => state === "note")
  expect(notes.map(({ file }) => file)).toEqual(["vocabulary.json", "metrics.jsonl", "sft.safetensors.7.partial"])
  await expect(run(verifyRun(tmpdir()))).rejects.toThrow("holds no run")
  expect(existsSync(join(tmpdir(), "lock"))).toBe(false)
})

test("a run that another process trains is verified, and not repaired", async () => {
  rewrite((lines) => lines.slice(1))
  await run(
    Effect.gen(function* () {
      yield* Folder.openRun(path, { seed: 1 }, {})
      expect((yield* verifyRun(path)).filter(({ file }) => file === "lock")).toHaveLength(1)
      const refusal = yield* Effect.flip(repairRun(path))
      expect(refusal.message).toContain("is in use by process")
    })
  )
})
