/** What an exercise does, in a process that is ended where it does not come to an end. */
import { fork } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { ending } from "../place.ts"
import type { Told } from "./told.ts"
import { type Verdict, wrong } from "./verdict.ts"

const child = fileURLToPath(new URL(`./child${ending}`, import.meta.url))

/** Runs the checks of a lesson on an exercise, for so many seconds at most; rejects where it was aborted. */
export const valuesOf = (
  exercise: { readonly file: string; readonly shown: string },
  check: string,
  { seconds, signal }: { readonly seconds: number; readonly signal?: AbortSignal | undefined }
): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    const started = fork(child, [check, exercise.file], {
      cwd: dirname(exercise.file),
      stdio: ["ignore", "inherit", "pipe", "ipc"]
    })
    let under: string | null = null
    let verdict: Verdict | null = null
    let isLate = false
    const limit = setTimeout(() => {
      isLate = true
      started.kill("SIGKILL")
    }, seconds * 1000)
    const abort = () => started.kill("SIGKILL")
    signal?.addEventListener("abort", abort)
    started.stderr?.resume()
    started.on("message", (told: Told) => {
      if ("at" in told) under = told.name
      else if ("done" in told) verdict = { right: true, checked: told.done, plot: told.plot }
      else if ("failed" in told) verdict = wrong(`${exercise.shown}: ${told.said}`, told.hint)
      else
        verdict = wrong(
          `${exercise.shown}${told.line === null ? "" : `:${told.line}`} failed with ${told.threw}`,
          told.hint
        )
    })
    started.on("error", reject)
    started.on("close", (code) => {
      clearTimeout(limit)
      signal?.removeEventListener("abort", abort)
      const where = under === null ? "while it was loaded" : `in "${under}"`
      if (signal?.aborted ?? false) reject(new Error("aborted"))
      else if (verdict !== null) resolve(verdict)
      else if (isLate)
        resolve(
          wrong(
            `${exercise.shown}: nothing came within ${seconds} s ${where}, so it was stopped`,
            "Look for a loop that does not end, or for work that grows with more than the size of its input."
          )
        )
      else
        resolve(
          wrong(
            `${exercise.shown}: its process ended (status ${code ?? "none"}) ${where}, before the check was through`,
            "Nothing in an exercise needs to end the process; memory that runs out does so too."
          )
        )
    })
  })
