import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { choose } from "../evaluate/choose.ts"
import type { WriteFailed } from "../run/atomic.ts"
import type { FolderLost } from "../run/lock.ts"
import type { RunFolder } from "../run/folder.ts"

/**
 * Chooses between candidates on questions that are not of a test set, says what was chosen, and writes the receipt beside
 * the run as `NAME.choice.json`.
 */
export const inRun = <A, E, R>(
  { folder }: { readonly folder: RunFolder },
  name: string,
  ...[candidates, on, score]: Parameters<typeof choose<A, E, R>>
): Effect.Effect<A, E | FolderLost | WriteFailed, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { best, receipt } = yield* choose(candidates, on, score)
    const scores = Object.entries(receipt.scores).map(([candidate, score]) => `${candidate} ${score.toFixed(3)}`)
    yield* Console.error(
      `${name}: ${receipt.chosen} is chosen on ${receipt.on.questions} questions of ${receipt.on.set}: ${scores.join(", ")}`
    )
    yield* folder.write(`${name}.choice.json`, JSON.stringify(receipt, null, 2))
    return best
  })
