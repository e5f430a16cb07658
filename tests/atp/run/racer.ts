/** A process that enters the folder it is told of at the moment it is told, and says how that went. */
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import { closeSync, openSync, rmSync } from "node:fs"
import { lockRun } from "../../../packages/atp/src/run/lock.ts"
import type { Outcome, Start } from "./races.ts"

const stay = Effect.fnUntraced(function* (folder: string) {
  yield* lockRun(folder)
  const witness = `${folder}/inside`
  try {
    closeSync(openSync(witness, "wx"))
  } catch {
    return "crowded" as const
  }
  yield* Effect.sleep(2)
  rmSync(witness)
  return "entered" as const
})

const attempt = (folder: string): Promise<Outcome> =>
  Effect.runPromise(
    stay(folder).pipe(
      Effect.scoped,
      Effect.catchTag("FolderInUse", () => Effect.succeed("refused" as const)),
      Effect.catch(({ message }) => Effect.succeed(message)),
      Effect.provide(NodeFileSystem.layer)
    )
  )

process.on("message", async ({ at, folder }: Start) => {
  while (performance.timeOrigin + performance.now() < at);
  process.send!(await attempt(folder))
})
process.send!("ready")
