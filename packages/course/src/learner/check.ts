/** One round of checks on the learner's exercise. */
import { join } from "node:path"
import type { Lesson } from "../lesson/lesson.ts"
import { bars } from "../plot/bars.ts"
import { type Verdict, wrong } from "../lesson/verdict.ts"
import { verify } from "../lesson/verify.ts"
import type { Folder } from "./folder.ts"

/** What is said of an exercise, and how long that took. */
export interface Checked {
  readonly verdict: Verdict
  readonly seconds: number
  /** What was drawn of an exercise that is right, as text, and where it is as a picture; null for a lesson that draws nothing. */
  readonly drawn: string | null
}

/** What a lesson has drawn, as text; as a picture it stands beside the exercise. */
const drawnIn = async (folder: Folder, lesson: Lesson, verdict: Verdict): Promise<string | null> => {
  if (!verdict.right || verdict.plot === null) return null
  // It draws as reports do, and all of that is loaded by those alone who see a plot.
  const { pictureOf } = await import("../plot/picture.ts")
  return `${bars(verdict.plot)}\n\nThe same is in ${folder.draw(lesson, pictureOf(verdict.plot))}`
}

/** Checks the learner's exercise of a lesson, writes down where it is right, and draws what there is to draw. Rejects where it was aborted. */
export const checkIn = async (folder: Folder, lesson: Lesson, signal?: AbortSignal): Promise<Checked> => {
  const begun = performance.now()
  const verdict = await verify(lesson, folder.exercise(lesson), { kept: join(folder.path, ".compiler"), signal }).catch(
    (error: unknown) => {
      if (signal?.aborted) throw error
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n")
      return wrong(`${folder.exercise(lesson).shown} could not be checked: ${reason}`, "")
    }
  )
  if (verdict.right) folder.finish(lesson)
  const seconds = (performance.now() - begun) / 1000
  return { verdict, seconds, drawn: await drawnIn(folder, lesson, verdict) }
}
