import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { configOf, configOfBegun, type RunOptions, testsOf } from "../../../packages/atp/src/cli/options.ts"

const folder = mkdtempSync(join(tmpdir(), "noema-options-"))
const none: RunOptions = {
  config: Option.none(),
  set: [],
  seed: Option.none(),
  task: Option.none(),
  data: Option.none()
}
const run = <A>(effect: Effect.Effect<A, { readonly message: string }, any>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer) as Effect.Effect<A, { readonly message: string }>)
const configured = (options: Partial<RunOptions>) => run(configOf({ ...none, ...options }))
const written = (options: unknown): Option.Option<string> => {
  const file = join(folder, `${Math.random()}.json`)
  writeFileSync(file, `\uFEFF${JSON.stringify(options)}`)
  return Option.some(file)
}

test("what is left open takes the same defaults, however the task or the data file was named", async () => {
  for (const [name, value] of [
    ["task", "walk"],
    ["data", "words.jsonl"]
  ] as const) {
    const byFlag = await configured({ [name]: Option.some(value) })
    expect(await configured({ set: [`${name}=${value}`] })).toEqual(byFlag)
    expect(await configured({ config: written({ [name]: value }) })).toEqual(byFlag)
    expect(byFlag).not.toEqual({ ...(await configured({})), [name]: value })
  }
})

test("a single option in a file leaves the other defaults as they are", async () => {
  const data = Option.some("words.jsonl")
  const { supervised, ...rest } = await configured({ data })
  expect(await configured({ data, config: written({ supervised: { batch: 4 } }) })).toEqual({
    ...rest,
    supervised: { ...supervised, batch: 4 }
  })
})

test("a flag comes before --set, that before the file, and the last --set before the first", async () => {
  const config = written({ seed: 1, evaluate: 11, model: { width: 32, layers: 2 } })
  const set = ["seed=2", "model.width=16", "model.width=48", "reinforcement.controls=[]"]
  const { evaluate, model, reinforcement, seed } = await configured({ config, set, seed: Option.some(3) })
  expect([seed, evaluate, model.width, model.layers]).toEqual([3, 11, 48, 2])
  expect(reinforcement.controls).toEqual([])
  expect((await configured({ config, set })).seed).toBe(2)
})

test("test files are those beside the data file, wherever that was named, unless others are", async () => {
  mkdirSync(join(folder, "words"))
  const [data, beside] = [join(folder, "words", "train.jsonl"), join(folder, "words", "test.jsonl")]
  writeFileSync(beside, "")
  const config = await configured({ set: [`data=${data}`] })
  expect(await run(testsOf(config, []))).toEqual([beside])
  expect(await run(testsOf(config, ["other.jsonl"]))).toEqual(["other.jsonl"])
  expect(await run(testsOf(await configured({}), []))).toEqual([])
})

test("settings of the policy-gradient term are as the method says until they are given by path", async () => {
  const { reinforcement } = await configured({})
  expect(reinforcement).toMatchObject({
    advantage: "method",
    reference: "method",
    clip: "method",
    exploration: "method"
  })
  const set = [
    "reinforcement.advantage=dr-grpo",
    "reinforcement.reference.moving=0.1",
    "reinforcement.reference.decay=0.99",
    "reinforcement.clip=[0.2,0.28]",
    "reinforcement.tokens.constant=40"
  ]
  expect((await configured({ set })).reinforcement).toMatchObject({
    advantage: "dr-grpo",
    reference: { moving: 0.1, decay: 0.99 },
    clip: [0.2, 0.28],
    tokens: { constant: 40 }
  })
})

const refusal = (effect: Effect.Effect<unknown, { readonly message: string }, any>) =>
  run(Effect.match(effect, { onFailure: ({ message }) => message, onSuccess: () => "nothing wrong" }))

test.each([
  ["an option that objects have anyway", ["toString=1"], /^there is no option toString; the config has seed, /],
  ["the prototype of options", ["__proto__.seed=1"], /^there is no option __proto__; /],
  ["an assignment without a value", ["seed"], /^--set expects path=value, found "seed"$/],
  ["a value of another kind", ["model=5"], /^Expected object at model, found 5$/],
  [
    "a walk with more places than there are names",
    ["walk.nodes=16", "walk.branching=4", "walk.distractors=8"],
    /^Expected at most 26 names for a walk and its held-out sets, found 29 at walk$/
  ],
  [
    "more places with twins than there is room for",
    ["walk.nodes=4", "walk.branching=3"],
    /^Expected a branching of at most half of 4 nodes, found 3 at walk$/
  ],
  [
    "a task of which no problem can be drawn",
    ["arithmetic.modular=false", "arithmetic.common=0", "arithmetic.weights=[1,0,0]"],
    /^Expected common above 0: .* at arithmetic$/
  ],
  [
    "an advantage that there is not",
    ["reinforcement.advantage=best"],
    /^Expected "group-relative" \| "leave-one-out" \| "dr-grpo" \| "batch-normalised" at reinforcement.advantage, found "best"$/
  ],
  [
    "a reference without weight",
    ["reinforcement.reference.frozen=0"],
    /^Expected a value greater than 0 at reinforcement.reference.frozen, found 0$/
  ],
  [
    "operators that are never drawn",
    ["arithmetic.weights=[0,0,0]"],
    /^Expected at least one weight above 0 at arithmetic$/
  ]
])("%s is refused in one sentence", async (_, set, expected) =>
  expect(await refusal(configOf({ ...none, set }))).toMatch(expected)
)

const leaves = (tree: object, path = ""): ReadonlyArray<readonly [path: string, value: unknown]> =>
  Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    const here = path === "" ? name : `${path}.${name}`
    return typeof value === "object" && value !== null ? leaves(value, here) : [[here, value] as const]
  })

test("every size and number has bounds, and what is beyond them is refused with its path and what was found", async () => {
  const numbers = leaves(await configured({})).filter(
    // Weights are given all at once.
    ([path, value]) => typeof value === "number" && !/\.\d+$/.test(path)
  )
  expect(numbers.length).toBeGreaterThan(35)
  for (const [path] of numbers)
    for (const value of ["-1", "1e300", "1e999", '"many"', "null", "[[]]", "many"]) {
      const message = await refusal(configOf({ ...none, set: [`${path}=${value}`] }))
      expect(message).toMatch(new RegExp(`^Expected .* at ${path.replace(".", "\\.")}, found `))
      expect(message).not.toContain("undefined")
    }
  for (const [path] of numbers.filter(([path]) => path !== "seed"))
    expect(await refusal(configOf({ ...none, set: [`${path}=1073741824`] }))).toMatch(/^Expected a value .*, found 107/)
})

test("what is asked for together has bounds as well", async () => {
  const asked = (...set: ReadonlyArray<string>) =>
    refusal(configOf({ ...none, set: set.map((option) => `reinforcement.${option}`) }))
  expect(await asked("minibatch=100")).toMatch(
    /^Expected minibatches that divide 128 .* 2, found 100 at reinforcement$/
  )
  expect(await asked("rounds=100000")).toContain("at most 1048576 questions in all rounds, found 12800000")
  expect(await asked("rounds=8000", "minibatch=1")).toContain("at most 1048576 updates in all rounds, found 2048000")
  expect(await asked('controls=["random","random"]')).toMatch(/^Expected an array with unique items at .*controls, /)
})

test("options that would have no effect are refused, not left aside", async () => {
  const { data, task } = { data: Option.some("words.jsonl"), task: Option.some("walk" as const) }
  expect(await refusal(configOf({ ...none, data, task }))).toContain("leave one of them out")
  for (const [set, reason] of [
    [["task=easy", "arithmetic.steps=2"], "options of arithmetic are for task=arithmetic, and the run is on task=easy"],
    [["walk.nodes=5"], "options of walk are for task=walk, and the run is on task=arithmetic"]
  ] as const)
    expect(await refusal(configOf({ ...none, set }))).toBe(reason)
})

test("test files for a generated task are refused, not left aside", async () => {
  const config = await configured({})
  expect(await refusal(testsOf(config, ["t.jsonl"]))).toBe("--test t.jsonl is for a run on files; name one with --data")
})

test("a config that no run has written says what it lacks", async () => {
  const written = JSON.parse(JSON.stringify(await configured({}))) as object
  expect(await run(configOfBegun({ ...written, tests: ["a.jsonl"] }))).toEqual({
    config: await configured({}),
    tests: ["a.jsonl"]
  })
  for (const [tests, found] of [
    [undefined, "none"],
    [5, "5"],
    [[5], "an array"]
  ] as const)
    expect(await refusal(configOfBegun({ ...written, tests }))).toBe(
      `Expected an array of files at tests, found ${found}`
    )
  expect(await refusal(configOfBegun({ ...written, tests: [], seed: -1 }))).toContain("at seed, found -1")
})
