/** Options that commands share, and how they become a config. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Flag } from "effect/cli"
import { testsBeside } from "../data/beside.ts"
import { readText } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { quoted } from "../input/shown.ts"
import { isTree, merged, plainOf, type Tree } from "../input/tree.ts"
import { defaultsForFiles } from "../data/corpus.ts"
import { optionedTasks, type TaskName, taskNames, tasks } from "../data/registry.ts"
import { BadConfig, configFrom, decodeConfig, type RunConfig, shown, unknownOption } from "../train/config.ts"

/** What a config is made of. */
export const configFlags = {
  config: Flag.String("config").pipe(
    Flag.withDescription("JSON file with any of the options of the config; the rest take their defaults"),
    Flag.optional
  ),
  set: Flag.String("set").pipe(
    Flag.withDescription(
      "One option of the config by path, e.g. --set supervised.batch=32; may be repeated; paths and defaults are listed above"
    ),
    Flag.between(0, 1000)
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of everything random (default: 0)"), Flag.optional),
  task: Flag.Literals("task", taskNames).pipe(
    Flag.withDescription('Generated task to learn (default: arithmetic); "easy" is plain small integers'),
    Flag.optional
  ),
  data: Flag.String("data").pipe(
    Flag.withDescription("Learn from this file instead: GSM8K JSONL, its equation form, or ProsQA JSON"),
    Flag.optional
  ),
  test: Flag.String("test").pipe(
    Flag.withDescription(
      "With --data: a file to evaluate on; may be repeated. By default test files beside it and in ../eval"
    ),
    Flag.between(0, 20)
  )
}

/** A flag that names a folder. */
export const folderFlag = (name: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (folder) => (folder.trim() === "" ? Option.none() : Option.some(folder)),
      () => "the name of a folder"
    )
  )

/** A run that is trained: where, and what is asked of it. */
export const runFlags = {
  out: folderFlag("out").pipe(
    Flag.withDescription("Folder of the run (default: runs/default)"),
    Flag.withDefault("runs/default")
  ),
  resume: Flag.Boolean("resume").pipe(
    Flag.withDescription(
      "Go on with the run in --out as it was begun, with the options it was begun with; the same command again does so too"
    ),
    Flag.withDefault(false)
  ),
  ...configFlags
}

/** The question that a command is about. */
export const questionFlag = Flag.String("question").pipe(
  Flag.withDescription("A question in the words of the task; the first held-out one by default"),
  Flag.optional
)

/** The module of a method or a pipeline of one's own. */
export const moduleFlag = Flag.String("module").pipe(
  Flag.withDescription("Module of the method or the pipeline, where the folder does not say it or it has moved"),
  Flag.optional
)

const deviceChoices = ["auto", "wasm", "webgpu", "reference"] as const
/** Devices by the name they have on the command line. */
export type DeviceChoice = (typeof deviceChoices)[number]

/** The device that a command runs on. */
export const deviceFlag = Flag.Literals("device", deviceChoices).pipe(
  Flag.withDescription(
    "Where programs run: a hardware GPU if there is one, else threads (auto, the default); threads of this machine; its GPU through gpu.js; a slow float64 interpreter"
  ),
  Flag.withDefault("auto" as const)
)

/** Threads of that device. */
export const threadsFlag = Flag.Int("threads").pipe(
  Flag.withDescription("Threads of the wasm device; all cores by default"),
  Flag.optional
)

/** A flag that counts something, of which there are so many at the least and at the most. */
export const countFlag = (name: string, least: number, most: number) =>
  Flag.Int(name).pipe(
    Flag.filterMap(
      (count) => (count >= least && count <= most ? Option.some(count) : Option.none()),
      () => `a number from ${least} to ${most}`
    )
  )

/** What says what a config is to be. */
export interface RunOptions {
  readonly config: Option.Option<string>
  readonly set: ReadonlyArray<string>
  readonly seed: Option.Option<number>
  readonly task: Option.Option<(typeof taskNames)[number]>
  readonly data: Option.Option<string>
}

/** What a command that trains is given. */
export interface TrainingOptions extends RunOptions {
  readonly out: string
  readonly resume: boolean
  readonly test: ReadonlyArray<string>
}

/** The first option that says what a config is to be, by name; null if none was given. */
export const firstGiven = ({ config, data, seed, set, task, test }: TrainingOptions): string | null => {
  const given = { config, set, seed, task, data, test }
  const isGiven = (value: Option.Option<unknown> | ReadonlyArray<unknown>) =>
    Array.isArray(value) ? value.length > 0 : Option.isSome(value as Option.Option<unknown>)
  return Object.entries(given).find(([, value]) => isGiven(value))?.[0] ?? null
}

/** `a.b=3` as a tree, or null if it assigns nothing; the value is JSON, or text where it is not. */
const assigned = (assignment: string): Tree | null => {
  const at = assignment.indexOf("=")
  if (at < 1) return null
  const text = assignment.slice(at + 1)
  // Words need no quotation marks.
  const value = Result.getOrElse(parseJson(text), () => text)
  const path = assignment.slice(0, at).split(".")
  return path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value) as Tree
}

const isTask = (name: unknown): name is TaskName => typeof name === "string" && Object.hasOwn(tasks, name)

const defaultsFor = ({ data, task }: Tree): Tree =>
  data !== undefined ? defaultsForFiles : isTask(task) ? tasks[task].run : {}

/** The config of a run that was begun, and its test files, from what is written in its folder. */
export const configOfBegun = Effect.fnUntraced(function* (
  written: object
): Effect.fn.Return<{ readonly config: RunConfig; readonly tests: ReadonlyArray<string> }, BadConfig> {
  const { tests, ...options } = written as { readonly [name: string]: unknown }
  if (!Array.isArray(tests) || !tests.every((test) => typeof test === "string"))
    return yield* new BadConfig({
      reason: `Expected an array of files at tests, found ${tests === undefined ? "none" : shown(tests)}`
    })
  return { config: yield* configFrom(options), tests }
})

/** Bytes of a file of options. */
const mostBytes = 2 ** 20

/** A tree with the options that `--set` was given. */
const assignedTo = Effect.fnUntraced(function* (
  tree: Tree,
  set: ReadonlyArray<string>
): Effect.fn.Return<Tree, BadConfig> {
  let changed = tree
  for (const assignment of set) {
    const given = assigned(assignment)
    if (given === null) return yield* new BadConfig({ reason: `--set expects path=value, found ${quoted(assignment)}` })
    changed = merged(changed, given)
  }
  return changed
})

/** The config of a run with the options that `--set` was given. */
export const changedConfig = Effect.fnUntraced(function* (
  config: RunConfig,
  set: ReadonlyArray<string>
): Effect.fn.Return<RunConfig, BadConfig> {
  const given = yield* assignedTo({}, set)
  const unknown = unknownOption(given, plainOf(config))
  if (unknown !== null) return yield* new BadConfig({ reason: unknown })
  return yield* configFrom(merged(plainOf(config), given))
})

/** What was asked for, as a tree: the file, then `--set`, then the named flags. */
const treeOf = Effect.fnUntraced(function* (
  options: RunOptions
): Effect.fn.Return<Tree, BadConfig, FileSystem.FileSystem> {
  let tree: Tree = {}
  if (Option.isSome(options.config)) {
    const file = options.config.value
    const text = yield* Effect.mapError(readText(file, mostBytes), ({ message }) => new BadConfig({ reason: message }))
    const given = yield* Effect.mapError(
      Effect.fromResult(parseJson(text)),
      ({ reason }) => new BadConfig({ reason: `${file} is not JSON: ${reason}` })
    )
    if (!isTree(given)) return yield* new BadConfig({ reason: `${file} should hold an object of options` })
    tree = given
  }
  const flags = {
    ...Option.match(options.seed, { onNone: () => ({}), onSome: (seed) => ({ seed }) }),
    ...Option.match(options.task, { onNone: () => ({}), onSome: (task) => ({ task }) }),
    ...Option.match(options.data, { onNone: () => ({}), onSome: (data) => ({ data }) })
  }
  return merged(yield* assignedTo(tree, options.set), flags)
})

/** The config of the options; what they leave open takes the defaults of the task, or those for files. */
export const configOf = Effect.fnUntraced(function* (
  options: RunOptions
): Effect.fn.Return<RunConfig, BadConfig, FileSystem.FileSystem> {
  if (Option.isSome(options.task) && Option.isSome(options.data))
    return yield* new BadConfig({
      reason: "--task is for generated problems and --data for a file; leave one of them out"
    })
  const given = yield* treeOf(options)
  const complete = yield* Effect.orDie(decodeConfig({}))
  const unknown = unknownOption(given, complete)
  if (unknown !== null) return yield* new BadConfig({ reason: unknown })
  const layered = merged(defaultsFor(given), given)
  // Tasks are given whole in a config; single options change the default one.
  const whole = optionedTasks.flatMap((name) => {
    const own = layered[name]
    return isTree(own) ? [[name, { ...complete[name], ...own }] as const] : []
  })
  const tree = { ...layered, ...Object.fromEntries(whole) }
  const config = yield* configFrom(tree)
  const idle = optionedTasks.find((name) => name !== config.task && given[name] !== undefined)
  if (idle !== undefined && config.data === undefined)
    return yield* new BadConfig({
      reason: `options of ${idle} are for task=${idle}, and the run is on task=${config.task}`
    })
  return config
})

/** The test files of a config: those named, or those beside its data file. */
export const testsOf = (
  { data }: Pick<RunConfig, "data">,
  named: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, BadConfig, FileSystem.FileSystem> => {
  if (data === undefined)
    return named.length === 0
      ? Effect.succeed([])
      : Effect.fail(new BadConfig({ reason: `--test ${named[0]} is for a run on files; name one with --data` }))
  return named.length > 0 ? Effect.succeed(named) : testsBeside(data)
}
