/** Where the test files of a training file are looked for. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

const folderOf = (file: string): string => (file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".")
const nameOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1)
const endingOf = (file: string): string => /\.[^.]*$/.exec(nameOf(file))?.[0] ?? ""

/**
 * The test files that lie beside a data file: `test` with its ending in its folder, and JSON Lines in the folder `eval`
 * next to that. Empty where there are none.
 *
 *     testsBeside("data/gsm8k/train.jsonl") // data/gsm8k/test.jsonl, data/eval/svamp.jsonl, ...
 */
export const testsBeside = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<ReadonlyArray<string>, never, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const listed = (folder: string) => Effect.orElseSucceed(files.readDirectory(folder), (): Array<string> => [])
  const own = `test${endingOf(file)}`
  const evaluations = `${folderOf(file)}/../eval`
  const beside =
    (yield* listed(folderOf(file))).includes(own) && nameOf(file) !== own ? [`${folderOf(file)}/${own}`] : []
  const others = (yield* listed(evaluations)).filter((name) => name.endsWith(".jsonl")).toSorted()
  return [...beside, ...others.map((name) => `${evaluations}/${name}`)]
})
