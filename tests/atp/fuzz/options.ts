/** Options from a command line or a file: a config says what it was told, or it is not made. */
import { Key } from "../inside.ts"
import { Reference } from "@noema/tensor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { configOf } from "../../../packages/atp/src/cli/options.ts"
import { optionedTasks } from "../../../packages/atp/src/data/registry.ts"
import { namedTask, subjectOf } from "../../../packages/atp/src/train/subject.ts"
import type { RunConfig } from "../../../packages/atp/src/train/config.ts"
import { experiment } from "../../../packages/atp/src/train/experiment.ts"
import { checkFits, worksOf } from "../../../packages/atp/src/train/plan.ts"
import { Fault, hold, jsonOf, outcomeOf, type Target } from "./judge.ts"
import { type Dice, mutated, mutatedJson } from "./mutate.ts"

const none = { config: Option.none(), set: [], seed: Option.none(), task: Option.none(), data: Option.none() }

const leaves = (tree: object, path = ""): ReadonlyArray<string> =>
  Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    const here = path === "" ? name : `${path}.${name}`
    return typeof value === "object" && value !== null && !Array.isArray(value) ? leaves(value, here) : [here]
  })

const at = (tree: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], tree)

/** Few problems, so that a config that is accepted can be followed as far as training would begin. */
const few = ["supervised.problems=9", "evaluate=3", "reinforcement.rounds=1"]

const values = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "7",
  "8",
  "12",
  "16",
  "26",
  "64",
  "1000",
  "65536",
  "65537",
  "1e9",
  "-1",
  "0.5",
  "1e-9",
  "1e999",
  "NaN",
  "true",
  "false",
  "null",
  '"walk"',
  "walk",
  "easy",
  "random",
  "[]",
  "[1,1,1]",
  "[0,0,0]",
  "[1,0,0]",
  '["random"]',
  '["full","full"]',
  "{}",
  '{"a":1}',
  "validation",
  "strict",
  "",
  " ",
  "\u001b[2J",
  "=",
  "a=b"
]

const assignment = (dice: Dice, paths: ReadonlyArray<string>): string => {
  const text = `${dice.choose(paths)}=${dice.choose(values)}`
  return dice.uniform() < 0.85
    ? text
    : Buffer.from(mutated(dice, new TextEncoder().encode(text), [new TextEncoder().encode("model.width=8")])).toString(
        "utf8"
      )
}

/** What is given for a path, as it is to be read: JSON, or words. */
const meant = (text: string): unknown => {
  try {
    return jsonOf(text)
  } catch {
    return text
  }
}

/** A config that was accepted can be begun with, or says why not. */
const follow = async (config: RunConfig): Promise<void> => {
  const { data, reinforcement, supervised } = config
  if (
    data !== undefined ||
    supervised.problems > 50 ||
    config.evaluate > 50 ||
    reinforcement.rounds * reinforcement.questions > 5000
  )
    return
  const key = Key.fromSeed(config.seed)
  await outcomeOf(
    Effect.gen(function* () {
      const made = experiment(config, yield* subjectOf(config, namedTask(config, []), key), key)
      yield* Effect.forEach(worksOf(made, ["training", "reinforcement"]), checkFits)
    }).pipe(Effect.provide(Reference.layer))
  )
}

/** Two targets: `--set`, and a file of options. */
export const optionsTargets = async (folder: string): Promise<ReadonlyArray<Target>> => {
  const first = await outcomeOf(configOf(none))
  if ("refused" in first) throw new Fault(first.refused)
  const plain = JSON.parse(JSON.stringify(first.value)) as object
  const paths = [
    ...leaves(plain),
    "data",
    "model",
    "arithmetic",
    "__proto__.seed",
    "constructor",
    "toString.name",
    "",
    ".",
    "seed.a"
  ]
  const guarded = async (bytes: Uint8Array, check: () => Promise<"read" | "refused">) => {
    try {
      return await check()
    } catch (error) {
      throw new Fault(error instanceof Error ? (error.stack ?? error.message) : String(error), bytes)
    }
  }
  const bySet: Target = {
    name: "--set",
    check: (dice) => {
      const set = [...few, ...Array.from({ length: dice.integer(1, 3) }, () => assignment(dice, paths))]
      return guarded(new TextEncoder().encode(JSON.stringify(set)), async () => {
        const read = await outcomeOf(configOf({ ...none, set }))
        if ("refused" in read) return "refused"
        for (const [i, each] of set.entries()) {
          const [path, value] = [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]
          const later = set
            .slice(i + 1)
            .some((other) => other.startsWith(path) || path.startsWith(other.split("=")[0]!))
          const expected = meant(value)
          if (!later && (typeof expected !== "object" || Array.isArray(expected)))
            hold(
              isDeepStrictEqual(at(JSON.parse(JSON.stringify(read.value)), path), expected),
              `${path} is not ${value}`
            )
        }
        await follow(read.value)
        return "read"
      })
    }
  }
  // Options of a task that the run is not on are refused.
  const others: ReadonlyArray<string> = optionedTasks.filter((name) => name !== first.value.task)
  const own = Object.fromEntries(Object.entries(plain).filter(([name]) => !others.includes(name)))
  const small = { supervised: { problems: 9 }, evaluate: 3, reinforcement: { rounds: 1 } }
  const text = JSON.stringify({ ...own, ...small }, null, 1)
  const byFile: Target = {
    name: "--config",
    check: (dice) => {
      const bytes =
        dice.uniform() < 0.3
          ? mutated(dice, new TextEncoder().encode(text), [new TextEncoder().encode(text)])
          : new TextEncoder().encode(mutatedJson(dice, text))
      return guarded(bytes, async () => {
        const file = join(folder, "options.json")
        writeFileSync(file, bytes)
        const read = await outcomeOf(configOf({ ...none, config: Option.some(file) }))
        if ("refused" in read) return "refused"
        const given = meant(new TextDecoder().decode(bytes)) as object
        const config = JSON.parse(JSON.stringify(read.value)) as object
        for (const path of leaves(given))
          hold(isDeepStrictEqual(at(config, path), at(given, path)), `${path} is not what the file says`)
        await follow(read.value)
        return "read"
      })
    }
  }
  return [bySet, byFile]
}
