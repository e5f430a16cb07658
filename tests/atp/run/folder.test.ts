import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Folder } from "../inside.ts"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { systemError } from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { makeFolder } from "../../../packages/atp/src/run/directory.ts"

const fresh = () => mkdtempSync(join(tmpdir(), "noema-folder-"))

/** The disk, on which a call that names one of these files fails as if the device did. */
const failing = (...names: ReadonlyArray<string>) =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (files) => {
      const broken = (path: string, method: string) =>
        names.some((name) => path.endsWith(`/${name}`))
          ? Effect.fail(
              systemError({
                _tag: "PermissionDenied",
                module: "FileSystem",
                method,
                pathOrDescriptor: path,
                cause: new Error(`EACCES: permission denied, ${method} '${path}'`)
              })
            )
          : Effect.void
      return {
        ...files,
        stat: (path: string) => Effect.andThen(broken(path, "stat"), files.stat(path)),
        open: (path: string, options) => Effect.andThen(broken(path, "open"), files.open(path, options))
      } satisfies FileSystem.FileSystem
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))

const run = <A, E>(
  effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>,
  disk: Layer.Layer<FileSystem.FileSystem> = NodeFileSystem.layer
): Promise<A> => Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(disk)))

const refusal = (path: string, config: unknown = { seed: 1 }, disk?: Layer.Layer<FileSystem.FileSystem>) =>
  run(
    Effect.match(Folder.openRun(path, config, {}), { onSuccess: () => "opened", onFailure: ({ message }) => message }),
    disk
  )

/** A run of two stages, of which the second has made so many reports. */
const begun = async (reports = 3): Promise<string> => {
  const path = fresh()
  await run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, { seed: 1 }, { device: "wasm, fma" })
      yield* folder.record({ stage: "warm", update: 1, figures: { loss: 0.1 } })
      for (let update = 1; update <= reports; update++) yield* folder.record({ stage: "sft", update })
    })
  )
  return path
}
const linesIn = (path: string) => readFileSync(join(path, "metrics.jsonl"), "utf8").split("\n").slice(0, -1)
const rewrite = (path: string, change: (lines: Array<string>) => ReadonlyArray<string>) =>
  writeFileSync(
    join(path, "metrics.jsonl"),
    change(linesIn(path))
      .map((line) => `${line}\n`)
      .join("")
  )
/** Opens the run, whose second stage goes on from a report. */
const goOn = (path: string, from: number, disk?: Layer.Layer<FileSystem.FileSystem>) =>
  run(
    Effect.gen(function* () {
      const folder = yield* Folder.openRun(path, { seed: 1 }, {})
      yield* folder.forget("sft", from)
      yield* folder.record({ stage: "sft", update: from + 1 })
      return yield* folder.metrics
    }),
    disk
  )

test("a folder with another config is refused, and the option is named", async () => {
  const path = fresh()
  expect(await refusal(path, { seed: 1, model: { width: 8 } })).toBe("opened")
  expect(await refusal(path, { seed: 1, model: { width: 16 } })).toContain("model.width 8, not 16")
})

test("a run remembers what it was begun with", async () => {
  const path = await begun()
  const again = await run(Effect.map(Folder.openRun(path, { seed: 1 }, { device: "other" }), (run) => run.begunWith))
  expect(again).toEqual({ device: "wasm, fma" })
  writeFileSync(join(path, "run.json"), "null")
  expect(await refusal(path)).toBe(`${path}/run.json is not as a run writes it: expected an object, found null`)
  writeFileSync(join(path, "run.json"), '{"versions": {"device": null}, "config": ""}')
  expect(await refusal(path)).toContain('run.json is not as a run writes it: expected "versions" and "config", found')
})

test("to read a run writes nothing, and needs no right to", async () => {
  const path = await begun()
  const before = readdirSync(path)
  const { config, run: saved } = await run(Folder.readRun(path))
  expect(config).toEqual({ seed: 1 })
  expect(await run(saved.metrics)).toHaveLength(4)
  expect(readdirSync(path)).toEqual(before)
  const nothing = join(fresh(), "none")
  expect((await run(Effect.flip(Folder.readRun(nothing)))).message).toContain("holds no run")
  expect(existsSync(nothing)).toBe(false)
})

describe("what cannot be read is not absent", () => {
  test.each(["config.json", "run.json"])("%s is not written anew", async (name) => {
    const path = await begun()
    const before = readFileSync(join(path, name), "utf8")
    expect(await refusal(path, { seed: 2 }, failing(name))).toBe(
      `${path}/${name} cannot be read: EACCES: permission denied`
    )
    expect(readFileSync(join(path, name), "utf8")).toBe(before)
  })
  test("metrics stay", async () => {
    const path = await begun()
    const before = linesIn(path)
    await expect(goOn(path, 2, failing("metrics.jsonl"))).rejects.toThrow("metrics.jsonl cannot be read: EACCES")
    expect(linesIn(path)).toEqual(before)
  })
  test("nor is there no checkpoint", async () => {
    const path = await begun()
    const asked = Effect.flatMap(Folder.readRun(path), ({ run }) => run.exists("sft.safetensors"))
    expect(await run(asked)).toBe(false)
    await expect(run(asked, failing("sft.safetensors"))).rejects.toThrow("sft.safetensors cannot be read: EACCES")
  })
})

describe("the guard of a run cannot be lifted", () => {
  test.each([
    ["config.json", "config.json is not as a run writes it: it is missing, and metrics.jsonl was written with it"],
    ["run.json", "run.json is not as a run writes it: it is missing, and metrics.jsonl was written with it"]
  ])("by removing %s", async (name, expected) => {
    const path = await begun()
    rmSync(join(path, name))
    expect(await refusal(path, { seed: 2 })).toContain(expected)
    expect(existsSync(join(path, name))).toBe(false)
  })
  test("by changing config.json", async () => {
    const path = await begun()
    writeFileSync(join(path, "config.json"), JSON.stringify({ seed: 2 }))
    for (const seed of [1, 2])
      expect(await refusal(path, { seed })).toMatch(/config\.json .*: it is not what the run was begun with/)
    expect((await run(Effect.flip(Folder.readRun(path)))).message).toContain("it is not what the run was begun with")
  })
  test("but a run that was killed before it did anything begins", async () => {
    const path = await begun(0)
    for (const name of ["run.json", "metrics.jsonl"]) rmSync(join(path, name))
    expect(await refusal(path)).toBe("opened")
    expect(existsSync(join(path, "run.json"))).toBe(true)
  })
})

describe("metrics", () => {
  test("lines from beyond where a stage goes on are taken back, and no others", async () => {
    const path = await begun(3)
    const metrics = await goOn(path, 1)
    expect(metrics.map(({ stage, update }) => `${stage} ${update}`)).toEqual(["warm 1", "sft 1", "sft 2"])
    expect(linesIn(path)[0]).toBe('{"stage":"warm","update":1,"figures":{"loss":0.1}}')
  })
  test("half a line at the end, left by a kill, is forgotten", async () => {
    const path = await begun(1)
    writeFileSync(join(path, "metrics.jsonl"), '{"stage": "sf', { flag: "a" })
    expect(await goOn(path, 1)).toHaveLength(3)
  })
  test.each<readonly [string, (lines: Array<string>) => ReadonlyArray<string>, string]>([
    ["a damaged line", (lines) => lines.with(2, "{stage"), "at line 3, expected JSON, found "],
    [
      "a line of another kind",
      (lines) => lines.with(2, '{"stage":"sft"}'),
      "at line 3, expected an object with a stage"
    ],
    ["a missing line", (lines) => lines.toSpliced(2, 1), 'at line 3, update 2 of "sft" missing'],
    ["missing first lines", (lines) => lines.toSpliced(1, 2), 'at line 2, updates 1 to 2 of "sft" missing'],
    ["missing last lines", (lines) => lines.slice(0, 2), 'at the end, updates 2 to 3 of "sft" missing'],
    ["no line at all", () => [], 'at the end, updates 1 to 3 of "sft" missing'],
    [
      "a line that comes again",
      (lines) => lines.toSpliced(3, 0, lines[2]!),
      'at line 4, update 2 of "sft" comes after update 2'
    ],
    [
      "lines in another order",
      (lines) => lines.with(1, lines[2]!).with(2, lines[1]!),
      'at line 2, update 1 of "sft" missing'
    ]
  ])("%s: named with its number, and nothing is written", async (_, change, expected) => {
    const path = await begun(5)
    rewrite(path, change)
    const before = linesIn(path)
    const wayOut = `; noema verify ${path} --repair keeps the rest and notes what is lost`
    await expect(goOn(path, 3)).rejects.toThrow(expected)
    await expect(goOn(path, 3)).rejects.toThrow(wayOut)
    expect(linesIn(path)).toEqual(before)
  })
  test("a line that is damaged behind where the stage goes on is made again", async () => {
    const path = await begun(5)
    rewrite(path, (lines) => lines.with(5, "{stage"))
    expect(await goOn(path, 3)).toHaveLength(5)
  })
})

test("a folder that is removed during a run stays removed, and the run fails", async () => {
  const path = fresh()
  await expect(
    run(
      Effect.gen(function* () {
        const folder = yield* Folder.openRun(path, { seed: 1 }, {})
        yield* folder.record({ stage: "sft", update: 1 })
        rmSync(path, { recursive: true })
        yield* Effect.ignore(folder.record({ stage: "sft", update: 2 }))
        expect(existsSync(path)).toBe(false)
        yield* folder.write("summary.json", "{}")
      })
    )
  ).rejects.toThrow(
    `${path} was removed, or its lock was, while this process worked in it; nothing more is written to it`
  )
  expect(existsSync(path)).toBe(false)
})

test("folders within folders are made, also where a name ends in a slash", async () => {
  const home = fresh()
  for (const path of [join(home, "a/b/c"), `${home}/d/e/`, home]) {
    await run(makeFolder(path))
    expect(existsSync(path)).toBe(true)
  }
  writeFileSync(join(home, "file"), "")
  for (const path of ["file", "file/below"])
    await expect(run(makeFolder(join(home, path)))).rejects.toThrow(/AlreadyExists|BadResource/)
})

/** Shows a part of the file system to one command as if it were on a disk that is read-only. */
const readOnly = (path: string, ...command: ReadonlyArray<string>) =>
  spawnSync("unshare", ["-m", "sh", "-c", `mount -t tmpfs -o ro none ${path} && exec "$@"`, "sh", ...command], {
    encoding: "utf8"
  })

const disk = fresh()
test.skipIf(readOnly(disk, "true").status !== 0)("of a disk that is read-only it is said that it is", async () => {
  const code = `
    import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
    import * as Effect from "effect/Effect"
    import { lockRun } from ${JSON.stringify(join(import.meta.dirname, "../../../packages/atp/src/run/lock.ts"))}
    const { message } = await Effect.runPromise(Effect.flip(lockRun("${disk}/runs/mine")).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
    console.log(message)`
  const { stdout } = readOnly(disk, process.execPath, "--conditions=@noema/source", "--input-type=module", "-e", code)
  expect(stdout).toContain(`${disk}/runs/mine was not written: EROFS: read-only file system`)
})

test("the first option that differs is named shortly, whatever is in the files", () => {
  const long = "x\u001b[2J".repeat(1000)
  for (const [found, expected] of [
    [{ a: { b: long } }, { a: { b: 1 } }],
    [{ [long]: 1 }, {}],
    [{ a: Array.from({ length: 1000 }, (_, i) => i) }, { a: long }]
  ] as const) {
    const difference = Folder.firstOptionThatDiffers(found, expected)!
    for (const text of Object.values(difference)) expect(text.length).toBeLessThan(400)
    expect(new Folder.OtherRun({ folder: "here", ...difference }).message).not.toMatch(/\p{Cc}/u)
  }
  expect(Folder.firstOptionThatDiffers({ a: 1 }, {})).toEqual({ option: "a", found: "1", expected: "unset" })
})
