/** The questions of every task and split stay as they are: what was measured on them stays comparable. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import { Config, Key, Subject } from "../inside.ts"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import questions from "./questions.json" with { type: "json" }

const print = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16)
const counted = (problems: ReadonlyArray<unknown>) => [problems.length, print(problems)]
const sets = (tests: Subject.Subject["tests"]) => tests.map(([name, problems]) => [name, ...counted(problems)])

test.each(questions.generated)("the questions of seed $config.seed", async ({ config: given, ...expected }) => {
  const config = await Effect.runPromise(Config.decodeConfig(given))
  const { chance, maxSteps, name, rl, tests, tokenizer, train } = Subject.generated(config, Key.fromSeed(config.seed))
  expect({
    name,
    maxSteps,
    chance,
    vocabulary: tokenizer.size,
    train: counted(train),
    rl: counted(rl),
    tests: sets(tests)
  }).toEqual(expected)
})

const line = (i: number) => {
  const [a, b, c] = [i % 7, (3 * i) % 11, i % 5]
  const [both, left] = [a + b, a + b - c]
  return (
    `Ann has ${a} apples and ${b} pears, and eats ${c} of ${both}. How many are left?||` +
    `<<${a}+${b}=${both}>> <<${both}-${c}=${left}>> #### ${left}`
  )
}
const folder = mkdtempSync(join(tmpdir(), "noema-questions-"))
const [file, beside] = [join(folder, "train.txt"), join(folder, "test.txt")]
writeFileSync(file, Array.from({ length: 90 }, (_, i) => line(i)).join("\n"))
writeFileSync(beside, Array.from({ length: 20 }, (_, i) => line(7 * i + 1)).join("\n"))

test.each(questions.files)("the questions of a file, judged on $heldOut, tested: $tested", async (given) => {
  const { heldOut, tested, ...expected } = given
  const plain = { data: file, heldOut, evaluate: 15, model: { vocabulary: 120, context: 60 } }
  const config = await Effect.runPromise(Config.decodeConfig(plain))
  const { keptAsText, leftOut, maxSteps, rl, tests, tokenizer, train } = await Effect.runPromise(
    Effect.provide(
      Subject.subjectOf(config, Subject.namedTask(config, tested ? [beside] : []), Key.fromSeed(7)),
      NodeFileSystem.layer
    )
  )
  expect({
    vocabulary: print(tokenizer.vocabulary.symbols),
    maxSteps,
    train: counted(train),
    rl: counted(rl),
    tests: sets(tests),
    leftOut,
    keptAsText
  }).toEqual(expected)
})
