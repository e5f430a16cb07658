/** One round of checks on the learner's exercise. */
import { join } from "node:path"
import type { Lesson } from "../lesson/lesson.ts"
import { type Verdict, wrong } from "../lesson/verdict.ts"
import { verify } from "../lesson/verify.ts"
import type { Folder } from "./folder.ts"

/** What is said of an exercise, and how long that took. */
export interface Checked {
  readonly verdict: Verdict
  readonly seconds: number
}

/** Checks the learner's exercise of a lesson, and writes down where it is right. Rejects where it was aborted. */
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
  return { verdict, seconds: (performance.now() - begun) / 1000 }
}
