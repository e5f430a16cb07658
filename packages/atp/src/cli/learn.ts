/** `noema learn`: the course, which is a package of its own and runs in a process of its own. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Argument, Command, Flag } from "effect/cli"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { join } from "node:path"
import { sentence } from "./sentence.ts"

/** The course is not there. */
class NoCourse extends Data.TaggedError("NoCourse") {
  override get message(): string {
    return "the course is a package of its own: npm install @noema/course, and then noema learn again"
  }
}

/** The module of the course, as the project one works in has it, or else the one this command is installed in. */
const courseModule = Effect.gen(function* () {
  for (const from of [join(process.cwd(), "noema.js"), import.meta.url]) {
    try {
      return createRequire(from).resolve("@noema/course/main")
    } catch {
      // The next place may have it.
    }
  }
  return yield* new NoCourse()
})

/** Ends with the status of the course, which has the terminal until then. */
const started = (module: string, words: ReadonlyArray<string>) =>
  Effect.callback<void>((resume) => {
    const course = spawn(process.execPath, [...process.execArgv, module, ...words], { stdio: "inherit" })
    course.on("close", (code) => {
      process.exitCode = code ?? 1
      resume(Effect.void)
    })
    return Effect.sync(() => course.kill())
  })

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

export const learn = Command.make(
  "learn",
  {
    lesson: Argument.String("lesson").pipe(
      Argument.withDescription("A lesson by number or name; the first that is not right yet unless given"),
      Argument.optional
    ),
    hint: flag("hint", "What helps with what is not yet right"),
    solution: flag("solution", "Print a solution; your own file stays as it is"),
    list: flag("list", "All lessons, and which of them are right"),
    once: flag("once", "Check once, and end with status 1 where something is not yet right"),
    folder: Flag.String("folder").pipe(
      Flag.withDescription("Where your exercises are (default: noema-course)"),
      Flag.optional
    )
  },
  ({ folder, lesson, ...flags }) =>
    Effect.gen(function* () {
      const words = [
        ...Object.entries(flags).flatMap(([name, given]) => (given ? [`--${name}`] : [])),
        ...Option.match(folder, { onNone: () => [], onSome: (path) => [`--folder=${path}`] }),
        ...Option.match(lesson, { onNone: () => [], onSome: (word) => ["--", word] })
      ]
      yield* started(yield* courseModule, words)
    }).pipe(sentence)
).pipe(Command.withDescription("Work through the course: exercises in shapes, gradients, latents, rewards"))
