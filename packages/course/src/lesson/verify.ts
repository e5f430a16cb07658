/** All that is checked of an exercise: first what the compiler says, then what it does. */
import { readFile, realpath } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import type { Lesson } from "./lesson.ts"
import { type Compiling, typesOf } from "./types.ts"
import { valuesOf } from "./values.ts"
import { type Verdict, wrong } from "./verdict.ts"

/** Seconds that the checks of one exercise may take. */
export const mostSeconds = 60

const hintOf = async ({ check }: Lesson): Promise<string> => {
  const { default: lesson } = (await import(pathToFileURL(check).href)) as {
    readonly default: { readonly hint: string }
  }
  return lesson.hint
}

/**
 * Checks a file as the exercise of a lesson; `shown` is what the file is called in what is said. Rejects where it was aborted.
 *
 *     const verdict = await verify(lesson, { file: "/home/me/noema-course/01-shapes/exercise.ts", shown: "exercise.ts" })
 */
export const verify = async (
  lesson: Lesson,
  { file, shown }: { readonly file: string; readonly shown: string },
  { kept, seconds = mostSeconds, signal }: Compiling = {}
): Promise<Verdict> => {
  // Both the compiler and Node name files by where they really are.
  const real = await realpath(file).catch(() => null)
  const text = real === null ? null : await readFile(real, "utf8").catch(() => null)
  if (real === null || text === null)
    return wrong(`${shown} is missing; start the course again for a new one, or save yours there`, "")
  const solution = { file: lesson.solution, text: await readFile(lesson.solution, "utf8") }
  const said = await typesOf({ file: real, text, shown }, solution, { kept, seconds: mostSeconds, signal })
  if (said !== null) return wrong(said, await hintOf(lesson))
  return valuesOf({ file: real, shown }, lesson.check, { seconds, signal })
}
