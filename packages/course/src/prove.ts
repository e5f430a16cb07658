/**
 * Proves the course: every solution passes all of its checks, and no exercise that nobody has touched does. Prints the seconds of
 * each; ends with status 1 where that is not so. `npm run check:lesson [-- LESSON...]`; all of it is a part of `npm run check:course`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { type Lesson, lessonNamed, lessons } from "./lesson/lesson.ts"
import { verify } from "./lesson/verify.ts"

/** What the compiler knows of the packages is kept for all lessons. */
const kept = mkdtempSync(join(tmpdir(), "noema-course-"))

const timed = async (lesson: Lesson, file: string) => {
  const begun = performance.now()
  const verdict = await verify(lesson, { file, shown: relative(process.cwd(), file) }, { kept })
  return { verdict, seconds: (performance.now() - begun) / 1000 }
}

/** What is wrong with a lesson, in sentences. */
const prove = async (lesson: Lesson): Promise<ReadonlyArray<string>> => {
  const exercise = await timed(lesson, lesson.exercise)
  const solution = await timed(lesson, lesson.solution)
  console.log(
    `${solution.seconds.toFixed(1).padStart(6)} s  ${lesson.name}, untouched: ${exercise.verdict.right ? "right" : exercise.verdict.said}`
  )
  return [
    ...(solution.verdict.right ? [] : [`the solution of ${lesson.name} does not pass: ${solution.verdict.said}`]),
    ...(exercise.verdict.right ? [`the exercise of ${lesson.name} passes without being touched`] : [])
  ]
}

process.on("exit", () => rmSync(kept, { recursive: true }))

const words = process.argv.slice(2)
const unknown = words.filter((word) => lessonNamed(word) === undefined)
const wanted = words.length === 0 ? lessons : words.flatMap((word) => lessonNamed(word) ?? [])
const faults = unknown.map((word) => `there is no lesson ${word}`)
const begun = performance.now()
for (const lesson of wanted) faults.push(...(await prove(lesson)))
console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  together`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
