/** `noema compare`: runs held against each other, and `noema runs`: which there are. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { Argument, Command, Flag } from "effect/cli"
import { plain } from "../input/shown.ts"
import { BadComparison, compared, type Ended } from "../report/compare.ts"
import { comparisonPage, comparisonText } from "../report/comparison.ts"
import { readSummary } from "../report/read.ts"
import { accuracyText } from "../report/table.ts"
import { writeAtomically } from "../run/atomic.ts"
import type { Tree } from "../run/begun.ts"
import { namesIn } from "../run/directory.ts"
import { readRun } from "../run/folder.ts"
import { sentence } from "./sentence.ts"

const ended = Effect.fnUntraced(function* (path: string) {
  const { config } = yield* readRun(path)
  const summary = yield* readSummary(path)
  if (summary === null)
    return yield* new BadComparison({ reason: `${path} has no summary.json: its run has not ended` })
  const run: Ended = { path, config: config as Tree, summary }
  return run
})

export const compare = Command.make(
  "compare",
  {
    runs: Argument.String("run").pipe(
      Argument.withDescription("Folders of runs that have ended"),
      Argument.variadic({ min: 1 })
    ),
    against: Flag.String("against").pipe(
      Flag.withDescription(
        "The row that others are held against; unless given, the same method of the first run, and of that run its first method"
      ),
      Flag.optional
    ),
    out: Flag.String("out").pipe(Flag.withDescription("Write one page over all runs to this file"), Flag.optional)
  },
  ({ against, out, runs }) =>
    Effect.gen(function* () {
      const all = yield* Effect.forEach(runs, ended)
      const tables = yield* Effect.try({
        try: () => compared(all, Option.getOrUndefined(against)),
        catch: (error) => {
          if (error instanceof BadComparison) return error
          throw error
        }
      })
      yield* Console.log(comparisonText(tables))
      if (Option.isNone(out)) return
      yield* writeAtomically(out.value, new TextEncoder().encode(comparisonPage(all, tables)))
      yield* Console.log(`\n${plain(out.value)} shows all of it`)
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription(
    "Hold runs against each other: those that differ by their seed alone are one row for each method"
  )
)

/** A line on a run: what it is, and what came of it. */
const told = Effect.fnUntraced(function* (path: string) {
  const { config } = yield* readRun(path)
  const { dataset, seed, task } = config as { readonly [name: string]: unknown }
  const what = `${plain(String(dataset ?? task ?? "files"), 40)}, seed ${plain(String(seed ?? 0), 20)}`
  const summary = yield* readSummary(path)
  const best = summary?.results.toSorted((a, b) => b.accuracy - a.accuracy)[0]
  const came =
    summary === null
      ? "not ended"
      : best === undefined
        ? "nothing was evaluated"
        : `${best.method} on ${best.set}, ${accuracyText(best)}`
  return `${path}: ${what}\n  ${came}`
})

export const runs = Command.make(
  "runs",
  {
    folder: Argument.String("folder").pipe(
      Argument.withDescription("Folder of the folders of runs"),
      Argument.withDefault("runs")
    )
  },
  ({ folder }) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const names = (yield* namesIn(folder)).toSorted()
      const there = yield* Effect.filter(names, (name) =>
        Effect.orElseSucceed(files.exists(`${folder}/${name}/config.json`), () => false)
      )
      if (there.length === 0) yield* Console.log(`${plain(folder)} holds no run`)
      for (const name of there)
        yield* Console.log(
          yield* Effect.catch(told(`${folder}/${name}`), ({ message }) =>
            Effect.succeed(`${folder}/${name}: ${message}`)
          )
        )
    }).pipe(Effect.scoped, sentence)
).pipe(Command.withDescription("List the runs in a folder, with what came of each"))
