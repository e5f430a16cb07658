import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Folder, type Safetensors, WeightsFile } from "../inside.ts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import fc from "fast-check"
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, describe, expect, test } from "vitest"
import { type Checkpoints, checkpointsOf, readCheckpoint } from "../../../packages/atp/src/checkpoint/checkpoint.ts"
import { newestOf } from "../../../packages/atp/src/checkpoint/stage.ts"

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>): Promise<A> =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

const extent = { reports: 10, updatesPerReport: 2 }
const state = (updates: number, value = 0.5): Safetensors.Weights => ({
  tensors: new Map<string, Safetensors.HostTensor>([
    ["trainable.w", { dtype: "f32", shape: [3], data: Float32Array.of(updates, value, -1) }],
    ["updates", { dtype: "f32", shape: [], data: Float32Array.of(updates) }]
  ]),
  metadata: new Map()
})

let path = ""
beforeEach(() => void (path = mkdtempSync(join(tmpdir(), "noema-checkpoint-"))))
const [newest, previous] = ["sft.safetensors", "sft.previous.safetensors"]
const file = (name: string) => join(path, name)
const here = () => readdirSync(path).filter((name) => name.startsWith("sft"))

const within = <A, E>(use: (checkpoints: Checkpoints) => Effect.Effect<A, E, FileSystem.FileSystem>, stage = "sft") =>
  run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, {}, {})
      return yield* use(yield* checkpointsOf(folder, stage, extent))
    })
  )
/** Checkpoints after so many reports, one after the other. */
const saved = (...reports: ReadonlyArray<number>) =>
  within((checkpoints) => Effect.forEach(reports, (each) => checkpoints.save(state(2 * each), each)))
const restored = () => within((checkpoints) => checkpoints.restore)
const reportsIn = async (name: string) => (await run(readCheckpoint(file(name)))).reports
const damage = (name: string) => {
  const bytes = readFileSync(file(name))
  bytes[bytes.length - 7]! ^= 4
  writeFileSync(file(name), bytes)
}

test("a stage without a checkpoint has none", async () => expect(await restored()).toBeNull())

test("the two newest are kept, and one that is there already is not written again", async () => {
  await saved(1)
  expect(here()).toEqual([newest])
  await saved(1)
  const again = within((checkpoints) =>
    Effect.andThen(
      checkpoints.restore,
      Effect.forEach([1, 3, 3, 5], (each) => checkpoints.save(state(2 * each), each))
    )
  )
  await again
  expect(here()).toEqual([previous, newest])
  expect([await reportsIn(newest), await reportsIn(previous)]).toEqual([5, 3])
  const { reports, updates, weights } = (await restored())!
  expect({ reports, updates }).toEqual({ reports: 5, updates: 10 })
  expect(weights.tensors).toEqual(state(10).tensors)
})

test("a state that is not finite is not saved, and what was stays", async () => {
  await saved(1, 3)
  const before = readFileSync(file(newest))
  await expect(
    within((checkpoints) => Effect.andThen(checkpoints.restore, checkpoints.save(state(10, Number.NaN), 5)))
  ).rejects.toThrow("after update 5 of sft, trainable.w holds NaN; it is not saved, and the checkpoints before it stay")
  expect(readFileSync(file(newest)).equals(before)).toBe(true)
  expect(await reportsIn(previous)).toBe(1)
})

test("a flipped bit anywhere in a checkpoint is found", async () => {
  await saved(4)
  const bytes = readFileSync(file(newest))
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(file(newest), flipped)
      await run(Effect.flip(readCheckpoint(file(newest))))
    }),
    { numRuns: 300 }
  )
})

describe("where the newest is damaged", () => {
  test("it is set aside and the one before taken, and that one is kept when the stage goes on", async () => {
    await saved(1, 3)
    damage(newest)
    const bytes = readFileSync(file(newest))
    expect((await restored())!.reports).toBe(1)
    expect(here()).toEqual(["sft.damaged", previous])
    expect(readFileSync(file("sft.damaged")).equals(bytes)).toBe(true)
    await within((checkpoints) => Effect.andThen(checkpoints.restore, checkpoints.save(state(4), 2)))
    expect([await reportsIn(newest), await reportsIn(previous)]).toEqual([2, 1])
  })
  test("and so is the one before, the run is refused and both stay", async () => {
    await saved(1, 3)
    for (const name of [newest, previous]) damage(name)
    await expect(restored()).rejects.toThrow(/sft\.safetensors: malformed safetensors, content: expected the SHA-256/)
    expect(here()).toEqual([previous, newest])
  })
  test("and there is no other, the run is refused", async () => {
    await saved(1)
    damage(newest)
    await expect(restored()).rejects.toThrow("sft.safetensors: malformed safetensors")
    expect(here()).toEqual([newest])
  })
})

test("a run that was killed between two names goes on from the one that is there", async () => {
  await saved(1, 3)
  rmSync(file(newest))
  expect((await restored())!.reports).toBe(1)
})

test("a checkpoint is of the stage that it is named for", async () => {
  await saved(1, 3)
  copyFileSync(file(newest), file("other.safetensors"))
  await expect(run(readCheckpoint(file("other.safetensors")))).rejects.toThrow(
    "other.safetensors is not a checkpoint as a run writes it: expected one of other, found one of sft"
  )
  await expect(within((checkpoints) => checkpoints.restore, "other")).rejects.toThrow("found one of sft")
})

describe("counters are not believed", () => {
  test.each<readonly [string, string | undefined, string | undefined, number, RegExp]>([
    ["a counter beyond all numbers", "6", "3", 3e38, /it says 6 updates, and its counter 3\.0{0,3}/],
    ["a negative one", "6", "3", -40.5, /it says 6 updates, and its counter -40\.5/],
    ["a broken one", "40.5", "3", 40.5, /expected a whole number of updates, found 40\.5/],
    ["one below nothing", "-6", "3", -6, /expected a whole number of updates, found -6/],
    ["reports without end", "6", "9".repeat(400), 6, /expected a whole number of reports, found 9{40}\.\.\./],
    ["no reports", "6", undefined, 6, /expected a whole number of reports, found none/],
    ["more than the stage has", "22", "11", 22, /expected at most 10 reports of 2 updates, found 11 with 22 updates/],
    ["updates of another stage", "3", "3", 3, /expected at most 10 reports of 2 updates, found 3 with 3 updates/]
  ])("%s", async (_, updates, reports, counter, expected) => {
    const said = Object.entries({ updates, reports }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined
    )
    await run(WeightsFile.saveWeights(file(newest), { ...state(counter), metadata: new Map(said) }))
    // Who forges a run's checkpoint forges its config too.
    await expect(run(readCheckpoint(file(newest), extent))).rejects.toThrow(expected)
  })
  test("nor is a checkpoint without a digest", async () => {
    await saved(3)
    const bytes = readFileSync(file(newest), "latin1").replace('"sha256"', '"sha255"')
    writeFileSync(file(newest), bytes, "latin1")
    await expect(run(readCheckpoint(file(newest)))).rejects.toThrow("expected a digest of its content, found none")
  })
})

test.each(["../x", "", "a.previous", "a/b", "a b", "\u001B[2J"])("no stage is named %j", async (stage) => {
  await expect(within((checkpoints) => checkpoints.restore, stage)).rejects.toThrow(
    "a stage is named by letters, digits, - and _"
  )
  await saved(1)
  await expect(run(newestOf(path, stage))).rejects.toThrow(/has no checkpoint of ".*"; there is sft$/)
  expect(existsSync(join(path, "..", "x.safetensors"))).toBe(false)
})
