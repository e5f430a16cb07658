/** What a run came to, from its folder. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { UnreadableFile } from "../input/file.ts"
import { textIfThere } from "../run/absent.ts"
import { parsedTree, SpoiltRun } from "../run/begun.ts"
import { Summary } from "./summary.ts"

const decode = Schema.decodeUnknownEffect(Summary)

/** The summary of the run in a folder, or null while it has none. Fails with `SpoiltRun` where it is not one. */
export const readSummary = Effect.fnUntraced(function* (
  folder: string
): Effect.fn.Return<Summary | null, SpoiltRun | UnreadableFile, FileSystem.FileSystem> {
  const file = `${folder}/summary.json`
  const text = yield* textIfThere(file)
  if (Option.isNone(text)) return null
  return yield* Effect.mapError(
    Effect.flatMap(parsedTree(file, text.value), (tree) => decode(tree)),
    (error) =>
      error instanceof SpoiltRun
        ? error
        : new SpoiltRun({ file, reason: "it is no summary of this version; train the run again to write it" })
  )
})
