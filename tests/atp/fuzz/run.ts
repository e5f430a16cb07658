/** Folders of runs: one whose files were changed is refused and left as it is, or is the run it was. */
import { Methods, Stages, Safetensors } from "../inside.ts"
import { Wasm } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { configOf } from "../../../packages/atp/src/cli/options.ts"
import { holdStage, pipelineOf, readContext } from "../../../packages/atp/src/cli/run.ts"
import { supervise } from "../../../packages/atp/src/pipeline/pipeline.ts"
import { Fault, hold, outcomeOf, type Target } from "./judge.ts"
import { type Dice, mutated, mutatedJson } from "./mutate.ts"
import { mutatedWeights } from "./weights.ts"

const set = [
  "model.width=4",
  "model.layers=1",
  "model.heads=1",
  "model.kvHeads=1",
  "model.hidden=4",
  "arithmetic.steps=1",
  "supervised.problems=9",
  "supervised.batch=2",
  "supervised.warmStart=3",
  "supervised.perStage=1",
  "supervised.final=1",
  "evaluate=2"
]
const options = { config: Option.none(), set, seed: Option.none(), task: Option.none(), data: Option.none() }
const device = Wasm.layer({ threads: 1 })

/** Trains in a folder, or goes on there. */
const train = (folder: string) =>
  Effect.gen(function* () {
    const pipeline = pipelineOf(yield* configOf(options), [], Methods.methods["no-cot"]).pipe(supervise())
    return (yield* pipeline.into(folder)).model.parameters
  }).pipe(Effect.scoped, Effect.provide(device))

/** The model of a stage, as commands that only look take it from a folder. */
const look = (folder: string) =>
  Effect.gen(function* () {
    return yield* Stages.parametersAfter(yield* holdStage(yield* readContext(folder), "no-cot"))
  }).pipe(Effect.scoped, Effect.provide(device))

const filesOf = (folder: string): ReadonlyMap<string, Uint8Array> =>
  new Map(
    readdirSync(folder)
      .toSorted()
      .map((name) => [name, Uint8Array.from(readFileSync(join(folder, name)))])
  )

const change = (dice: Dice, files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array | null> => {
  const name = dice.choose([...files.keys()])
  const bytes = files.get(name)!
  const others = [...files.values()]
  const kind = dice.uniform()
  const json = () => new TextEncoder().encode(mutatedJson(dice, Buffer.from(bytes).toString("utf8")))
  const next =
    kind < 0.05
      ? null
      : kind < 0.1
        ? dice.choose(others)
        : name.endsWith(".safetensors")
          ? mutatedWeights(dice, bytes, others)
          : name.endsWith(".json") && kind < 0.5
            ? json()
            : mutated(dice, bytes, others)
  // Without run.json nothing is known of what a config was when the run was begun.
  const isBare = name === "config.json" && dice.uniform() < 0.5
  return new Map<string, Uint8Array | null>([[name, next], ...(isBare ? [["run.json", null] as const] : [])])
}

/** What a run leaves for others, and goes by. */
const lasting = ["no-cot.safetensors", "vocabulary.json", "warm-start.safetensors"]

/** What a file says: a checkpoint says the same with more space in its header. */
const saying = (name: string, files: ReadonlyMap<string, Uint8Array>): unknown => {
  const bytes = files.get(name)
  return bytes !== undefined && name.endsWith(".safetensors") ? Safetensors.decode(bytes) : bytes
}

const linesOf = (files: ReadonlyMap<string, Uint8Array>): ReadonlyArray<string> =>
  Buffer.from(files.get("metrics.jsonl") ?? [])
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")

/** A run of three updates whose files are changed one at a time. */
export const runTarget = async (folder: string): Promise<Target> => {
  const whole = join(folder, "run")
  const trained = await outcomeOf(train(whole))
  if ("refused" in trained) throw new Fault(trained.refused)
  const original = filesOf(whole)
  const at = join(folder, "changed-run")
  const holdLeft = (changed: ReadonlyMap<string, Uint8Array>, shortened = false) => {
    const now = filesOf(at)
    hold(
      isDeepStrictEqual([...now.keys()], [...changed.keys()]),
      `${[...now.keys()].join()} of ${[...changed.keys()].join()}`
    )
    for (const [name, bytes] of changed) {
      const left = now.get(name)!
      const isPart = shortened && name === "metrics.jsonl" && Buffer.from(bytes).subarray(0, left.length).equals(left)
      hold(isPart || isDeepStrictEqual(left, bytes), `${name} was changed`)
    }
  }
  return {
    name: "run folder",
    check: async (dice) => {
      rmSync(at, { recursive: true, force: true })
      mkdirSync(at)
      const changes = change(dice, original)
      for (const name of original.keys()) if (changes.get(name) !== null) cpSync(join(whole, name), join(at, name))
      for (const [name, bytes] of changes) if (bytes !== null) writeFileSync(join(at, name), bytes)
      const changed = filesOf(at)
      const [[name, bytes]] = [...changes] as [[string, Uint8Array | null]]
      try {
        const seen = await outcomeOf(look(at))
        holdLeft(changed)
        if ("value" in seen) hold(isDeepStrictEqual(seen.value, trained.value), "another model is looked at")
        const gone = await outcomeOf(train(at))
        // A first stage may take back what is damaged at the end of the metrics before a second one is refused.
        if ("refused" in gone) holdLeft(changed, changed.has("metrics.jsonl") && name === "metrics.jsonl")
        else {
          hold(isDeepStrictEqual(gone.value, trained.value), "another model came of it")
          const now = filesOf(at)
          for (const name of lasting)
            hold(isDeepStrictEqual(saying(name, now), saying(name, original)), `${name} is another`)
          // Figures of metrics are believed, lines made again stand at the end, and what is damaged behind them goes.
          const [left, known] = [linesOf(now), new Set([...linesOf(original), ...linesOf(changed)])]
          hold(
            left.every((line) => known.has(line)) && left.length >= linesOf(original).length,
            "metrics.jsonl is another"
          )
        }
        return "refused" in seen || "refused" in gone ? "refused" : "read"
      } catch (error) {
        const text = error instanceof Fault ? error.message : ((error as Error).stack ?? String(error))
        throw new Fault(`${name}${bytes === null ? " removed" : ""}: ${text}`, bytes ?? undefined)
      }
    }
  }
}
