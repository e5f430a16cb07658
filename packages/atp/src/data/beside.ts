/** Where the test files of a training file are looked for. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { formatOf } from "./load.ts"

const folderOf = (file: string): string => (file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".")
const nameOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1)
const endingOf = (file: string): string => /\.[^.]*$/.exec(nameOf(file))?.[0] ?? ""

/**
 * The test files that lie beside a data file: in its folder `test` with its ending, or its own name with `test` in place of
 * `train` or `valid`; and, unless it holds puzzles of ProsQA, the JSON Lines in the folder `eval` next to that. Empty where
 * there are none.
 *
 *     testsBeside("data/gsm8k/train.jsonl") // data/gsm8k/test.jsonl, data/eval/svamp.jsonl, ...
 *     testsBeside("data/prosqa/prosqa_valid.json") // data/prosqa/prosqa_test.json
 */
export const testsBeside = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<ReadonlyArray<string>, never, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const listed = (folder: string) => Effect.orElseSucceed(files.readDirectory(folder), (): Array<string> => [])
  const name = nameOf(file)
  const there = yield* listed(folderOf(file))
  const own = [`test${endingOf(file)}`, name.replace(/train|valid/, "test")].find(
    (each) => each !== name && there.includes(each)
  )
  const beside = own === undefined ? [] : [`${folderOf(file)}/${own}`]
  // What is wrong with the file itself is said when it is loaded.
  const format = yield* Effect.option(formatOf(file))
  if (Option.contains(format, "prosqa")) return beside
  const evaluations = `${folderOf(file)}/../eval`
  const others = (yield* listed(evaluations)).filter((each) => each.endsWith(".jsonl")).toSorted()
  return [...beside, ...others.map((each) => `${evaluations}/${each}`)]
})
