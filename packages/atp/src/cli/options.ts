/** Options that commands share, and how they become a config. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { Flag } from "effect/cli"
import { decodeConfig, type RunConfig, taskNames } from "../train/config.ts"

/** What was asked for cannot be a config; one sentence says why. */
export class BadConfig extends Data.TaggedError("BadConfig")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

export const runFlags = {
  out: Flag.String("out").pipe(Flag.withDescription("Folder of the run"), Flag.withDefault("runs/default")),
  config: Flag.String("config").pipe(
    Flag.withDescription("JSON file with any of the options of the config; the rest take their defaults"),
    Flag.optional
  ),
  set: Flag.String("set").pipe(
    Flag.withDescription("One option of the config by path, e.g. --set supervised.batch=32; may be repeated"),
    Flag.between(0, 1000)
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of everything random"), Flag.optional),
  task: Flag.Literals("task", taskNames).pipe(
    Flag.withDescription('Generated task to learn; "easy" is plain small integers'),
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

const deviceChoices = ["auto", "wasm", "webgpu", "reference"] as const
export type DeviceChoice = (typeof deviceChoices)[number]

export const deviceFlag = Flag.Literals("device", deviceChoices).pipe(
  Flag.withDescription(
    "Where programs run: a hardware GPU if there is one, else threads (auto); threads of this machine; its GPU through gpu.js; a slow float64 interpreter"
  ),
  Flag.withDefault("auto" as const)
)

export const threadsFlag = Flag.Int("threads").pipe(
  Flag.withDescription("Threads of the wasm device; all cores by default"),
  Flag.optional
)

export interface RunOptions {
  readonly config: Option.Option<string>
  readonly set: ReadonlyArray<string>
  readonly seed: Option.Option<number>
  readonly task: Option.Option<(typeof taskNames)[number]>
  readonly data: Option.Option<string>
}

type Tree = { [name: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value)

/** `a.b=3` put into a tree; the value is JSON, or text where it is not. */
const assign = (tree: Tree, assignment: string): string | null => {
  const at = assignment.indexOf("=")
  if (at < 1) return `--set expects path=value, found ${JSON.stringify(assignment)}`
  const path = assignment.slice(0, at).split(".")
  const text = assignment.slice(at + 1)
  let value: unknown = text
  try {
    value = JSON.parse(text)
  } catch {
    // Words need no quotation marks.
  }
  let inner = tree
  for (const name of path.slice(0, -1)) {
    if (!isTree(inner[name])) inner[name] = {}
    inner = inner[name] as Tree
  }
  inner[path.at(-1)!] = value
  return null
}

/** The first path of `given` that `known` does not have, with what it has there. */
const unknownOption = (given: Tree, known: unknown, path = ""): string | null => {
  for (const [name, value] of Object.entries(given)) {
    const here = path === "" ? name : `${path}.${name}`
    if (here === "data") continue
    if (!isTree(known) || !(name in known))
      return `there is no option ${here}; ${path === "" ? "the config" : path} has ${Object.keys(known as object).join(", ")}`
    const deeper = isTree(value) ? unknownOption(value, known[name], here) : null
    if (deeper !== null) return deeper
  }
  return null
}

/** Word problems are long and their vocabulary is large: a wider model, smaller batches, and all of the test files. */
const defaultsForFiles: Tree = {
  model: { width: 96, layers: 3, hidden: 256, context: 80, groupSymbols: 20 },
  supervised: { batch: 32, warmStart: 1200, perStage: 50, final: 200, learningRate: 0.0015, warmup: 100 },
  reinforcement: { rounds: 20, questions: 16, group: 8, minibatch: 128, learningRate: 0.0001 },
  evaluate: 2000
}

/** Finding the successor of a node in the question is learned late, sooner with wide heads, and needs long stages. */
const defaultsForWalk: Tree = {
  model: { heads: 2, kvHeads: 2 },
  supervised: { problems: 10_000, warmStart: 1300, perStage: 500, final: 300 }
}

const defaultsFor = ({ data, task }: RunOptions): Tree =>
  Option.isSome(data) ? defaultsForFiles : Option.contains(task, "walk") ? defaultsForWalk : {}

/** The config of the options: the file, then `--set`, then the named flags. */
export const configOf = Effect.fnUntraced(function* (
  options: RunOptions
): Effect.fn.Return<RunConfig, BadConfig, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const tree: Tree = structuredClone(defaultsFor(options))
  if (Option.isSome(options.config)) {
    const file = options.config.value
    const text = yield* Effect.mapError(
      files.readFileString(file),
      (error) => new BadConfig({ reason: `${file} cannot be read: ${error.message}` })
    )
    const given = yield* Effect.try({
      try: () => JSON.parse(text) as unknown,
      catch: (error) => new BadConfig({ reason: `${file} is not JSON: ${String(error)}` })
    })
    if (!isTree(given)) return yield* new BadConfig({ reason: `${file} should hold an object of options` })
    Object.assign(tree, given)
  }
  for (const assignment of options.set) {
    const wrong = assign(tree, assignment)
    if (wrong !== null) return yield* new BadConfig({ reason: wrong })
  }
  if (Option.isSome(options.seed)) tree["seed"] = options.seed.value
  if (Option.isSome(options.task)) tree["task"] = options.task.value
  if (Option.isSome(options.data)) tree["data"] = options.data.value
  const complete = yield* Effect.orDie(decodeConfig({}))
  const unknown = unknownOption(tree, complete)
  if (unknown !== null) return yield* new BadConfig({ reason: unknown })
  // Tasks are given whole in a config; single options change the default one.
  for (const name of ["arithmetic", "walk"] as const)
    if (isTree(tree[name])) tree[name] = { ...complete[name], ...tree[name] }
  const config = yield* Effect.mapError(decodeConfig(tree), (error) => new BadConfig({ reason: error.message }))
  const { group, minibatch, questions } = config.reinforcement
  if ((questions * group) % minibatch !== 0)
    return yield* new BadConfig({
      reason: `reinforcement.questions ${questions} times group ${group} do not divide into minibatches of ${minibatch}`
    })
  const { heads, kvHeads, width } = config.model
  if (width % heads !== 0 || heads % kvHeads !== 0 || (width / heads) % 2 !== 0)
    return yield* new BadConfig({
      reason: `model.width ${width} must divide into ${heads} heads of even width, and heads into ${kvHeads} kvHeads`
    })
  return config
})
