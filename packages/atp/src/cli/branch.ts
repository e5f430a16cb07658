/** `noema branch`: a run that goes on from a checkpoint of another with other options. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { Argument, Command, Flag } from "effect/cli"
import { branchPoints, branchRun } from "../checkpoint/branch.ts"
import type { Tree } from "../run/begun.ts"
import { readRun } from "../run/folder.ts"
import { changedConfig, configFlags, countFlag, folderFlag } from "./options.ts"
import { configFrom } from "../train/config.ts"
import { sentence, shellWord } from "./sentence.ts"

const made = Effect.fnUntraced(function* (from: string, set: ReadonlyArray<string>) {
  const { tests, ...options } = (yield* readRun(from)).config as Tree
  const config = yield* changedConfig(yield* configFrom(options), set)
  return { ...(JSON.parse(JSON.stringify(config)) as Tree), ...(tests === undefined ? {} : { tests }) }
})

/** How a run goes on whose numbers are no longer finite: the same again would end the same. */
export const wayOut = (folder: string): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.match(branchPoints(folder), {
    onSuccess: ({ stage, updates: [newest, previous] }) => {
      const other = previous === undefined ? "" : `, or ${previous} with --at ${previous}`
      const word = shellWord(folder)
      return `; it would end so again, but goes on with other options from update ${newest} of ${stage}${other}: noema branch ${word} --out ${word}-2 --set PATH=VALUE`
    },
    onFailure: () => "; it would end so again: begin with other options in another folder"
  })

export const branch = Command.make(
  "branch",
  {
    run: Argument.String("run").pipe(Argument.withDescription("Folder of the run to go on from")),
    out: folderFlag("out").pipe(Flag.withDescription("Folder of the branch, new or empty; its name is the branch's")),
    set: configFlags.set,
    stage: Flag.String("stage").pipe(
      Flag.withDescription("The stage that goes on differently, with those before it; the last one by default"),
      Flag.optional
    ),
    at: countFlag("at", 1, 2 ** 24).pipe(
      Flag.withDescription("The update of that stage to go on from, one of its two checkpoints; the newest by default"),
      Flag.optional
    )
  },
  ({ at, out, run, set, stage }) =>
    Effect.gen(function* () {
      const {
        changed,
        stage: goesOn,
        update
      } = yield* branchRun({
        from: run,
        to: out,
        config: yield* made(run, set),
        ...Option.match(stage, { onNone: () => ({}), onSome: (stage) => ({ stage }) }),
        ...Option.match(at, { onNone: () => ({}), onSome: (at) => ({ at }) })
      })
      const other = changed.length === 0 ? "the same options" : `another ${changed.join(", ")}`
      yield* Console.log(
        `${out} goes on from update ${update} of ${goesOn} with ${other}; train it by the command of its run with --resume --out ${out}`
      )
    }).pipe(Effect.scoped, sentence)
).pipe(
  Command.withDescription(
    "Let a run go on from one of its last two checkpoints with other options, in a folder of its own"
  )
)
