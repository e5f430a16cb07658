import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Folder, type Safetensors } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { type Branch, branchPoints, branchRun } from "../../../packages/atp/src/checkpoint/branch.ts"
import { checkpointsOf, readCheckpoint } from "../../../packages/atp/src/checkpoint/checkpoint.ts"
import { verifyRun } from "../../../packages/atp/src/checkpoint/verify.ts"

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

const config = { seed: 1, model: { width: 8 }, supervised: { learningRate: 0.1, final: 9 } }
const slower = { ...config, supervised: { learningRate: 0.01, final: 9 } }
const state = (updates: number): Safetensors.Weights => ({
  tensors: new Map([["updates", { dtype: "f32", shape: [], data: Float32Array.of(updates) }]]),
  metadata: new Map()
})
let [from, to] = ["", ""]
/** Stages `warm`, `sft` and `rl`, each with checkpoints after 2 and 4 updates, and 5 lines. */
beforeEach(async () => {
  const home = mkdtempSync(join(tmpdir(), "noema-branch-"))
  ;[from, to] = [join(home, "run"), join(home, "branch")]
  await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(from, config, { device: "wasm", data: "abc" })
      for (const stage of ["warm", "sft", "rl"]) {
        const checkpoints = yield* checkpointsOf(folder, stage, { reports: 9, updatesPerReport: 1 })
        for (let update = 1; update <= 5; update++) {
          yield* folder.record({ stage, update })
          if (update === 2 || update === 4) yield* checkpoints.save(state(update), update)
        }
      }
    })
  )
})
const branched = (options: Partial<Branch> = {}) => run(branchRun({ from, to, config: slower, ...options }))
const lines = () => readFileSync(join(to, "metrics.jsonl"), "utf8").split("\n").slice(0, -1)
const begun = () => JSON.parse(readFileSync(join(to, "run.json"), "utf8"))

test("a branch has the newest checkpoints, the metrics up to them, other options, and says where it comes from", async () => {
  const before = readdirSync(from).map((name) => readFileSync(join(from, name), "latin1"))
  expect(await run(branchPoints(from))).toEqual({ stage: "rl", updates: [4, 2] })
  expect(await branched()).toEqual({ stage: "rl", update: 4, changed: ["supervised.learningRate"] })
  expect(lines()).toHaveLength(12)
  const { branch, versions } = begun()
  expect(branch).toEqual({
    from,
    stage: "rl",
    update: 4,
    changed: { "supervised.learningRate": { was: 0.1, is: 0.01 } }
  })
  expect(versions).toEqual({ device: "wasm" })
  expect((await run(verifyRun(to))).filter(({ state }) => state === "damaged")).toEqual([])
  expect(readdirSync(from).map((name) => readFileSync(join(from, name), "latin1"))).toEqual(before)
})

test("a branch goes on as a run does, and keeps what it was begun with", async () => {
  await branched()
  const metrics = await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(to, slower, { device: "other", data: "def" })
      expect(folder.begunWith).toEqual({ device: "wasm", data: "def" })
      const checkpoints = yield* checkpointsOf(folder, "rl", { reports: 9, updatesPerReport: 1 })
      expect((yield* checkpoints.restore)!.reports).toBe(4)
      yield* folder.forget("rl", 4)
      return yield* folder.metrics
    })
  )
  expect(metrics).toHaveLength(12)
  expect(begun().versions).toEqual({ device: "wasm", data: "def" })
  expect(begun().branch.from).toBe(from)
})

test("a branch goes on from an earlier stage, or an earlier update of one, without what came after", async () => {
  expect(await branched({ stage: "sft", at: 2 })).toMatchObject({ stage: "sft", update: 2 })
  expect(readdirSync(to).toSorted()).toEqual(
    ["config.json", "metrics.jsonl", "run.json", "sft.safetensors", "warm.safetensors"].toSorted()
  )
  expect(lines()).toHaveLength(4 + 2)
  expect((await run(readCheckpoint(join(to, "sft.safetensors")))).reports).toBe(2)
})

test("where the newest checkpoint is damaged, a branch goes on from the one before", async () => {
  const file = join(from, "rl.safetensors")
  const bytes = readFileSync(file)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(file, bytes)
  expect(await branched()).toMatchObject({ update: 2 })
})

test.each<readonly [string, Partial<Branch>, string]>([
  ["another seed", { config: { ...slower, seed: 2 } }, "a branch has the seed of its run"],
  ["another model", { config: { ...slower, model: { width: 9 } } }, "a branch has the model.width of its run"],
  ["an update that was not kept", { at: 3 }, "has checkpoints of rl after update 4 and 2, not after 3"],
  ["a stage that there is not", { stage: "x" }, 'has no checkpoint of "x"; there is rl, sft, warm'],
  ["a stage that leads elsewhere", { stage: "../rl" }, "a stage is named by letters"]
])("%s is refused, and nothing is written", async (_, options, expected) => {
  await expect(branched(options)).rejects.toThrow(expected)
  expect(() => readdirSync(to)).toThrow("ENOENT")
})

test("a folder that holds something is refused, and stays as it is", async () => {
  await branched()
  const before = begun()
  await expect(branched({ at: 2 })).rejects.toThrow(
    `a branch takes a new folder or an empty one; ${to} holds config.json`
  )
  expect(begun()).toEqual(before)
})
