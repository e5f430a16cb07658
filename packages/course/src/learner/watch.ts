/** Watching: checks run whenever the exercise is saved, and the next lesson follows where all is right. */
import { type FSWatcher, watch as watchFolder } from "node:fs"
import { basename, dirname } from "node:path"
import type { Lesson } from "../lesson/lesson.ts"
import { checkIn } from "./check.ts"
import { currentOf, type Folder } from "./folder.ts"
import { headOf, listText, verdictText, wrapped } from "./text.ts"

/** Editors write a file in several strokes; what they do within this many milliseconds is one save. */
const debounce = 200

const keys = "  h hint   l list   q quit; checks run whenever you save"

/** Milliseconds until the next lesson takes the screen: time to read that this one is right, or to look at what it has drawn. */
const pause = { said: 1500, drawn: 30_000 }

/** What is shown and told of a watch. */
export interface Watching {
  readonly print: (text: string) => void
  /** Begins a new screen. */
  readonly clear: () => void
  /** Keys, one at a time; none where there is no keyboard. */
  readonly keys: (pressed: (key: string) => void) => () => void
}

/**
 * Watches the exercise of a lesson, then those that follow, until all are right or somebody quits. Whatever goes wrong in a
 * check is said, and the watch goes on.
 */
export const watch = (folder: Folder, first: Lesson, { clear, keys: listen, print }: Watching): Promise<void> =>
  new Promise((resolve) => {
    let lesson = first
    let hint = ""
    let timer: NodeJS.Timeout | undefined
    let running: AbortController | null = null
    let watcher: FSWatcher | null = null
    const stay = () => undefined
    /** Begins the next lesson where one is to follow. */
    let goOn: () => void = stay

    const end = () => {
      clearTimeout(timer)
      running?.abort()
      watcher?.close()
      stop()
      resolve()
    }

    /** What is said where the course itself cannot go on; the watch does. */
    const tell = (error: unknown): void => print(`\n${(error as Error).message.split("\n")[0]}`)

    const check = async (): Promise<void> => {
      running?.abort()
      goOn = stay
      const own = new AbortController()
      running = own
      const { shown } = folder.exercise(lesson)
      const head = headOf(lesson, { file: shown, text: `${dirname(shown)}/README.md` })
      clear()
      print(`${head}\n\n  checking ...`)
      try {
        const { drawn, seconds, verdict } = await checkIn(folder, lesson, own.signal)
        if (running !== own) return
        clear()
        const said = wrapped(verdictText(verdict, seconds), { indent: "  ", width: 100 })
        print([head, said, ...(drawn === null ? [] : [drawn.replaceAll(/^(?=.)/gm, "  ")]), keys].join("\n\n"))
        hint = verdict.right ? "" : verdict.hint
        if (verdict.right) next(drawn !== null)
      } catch (error) {
        if (!own.signal.aborted) tell(error)
      }
    }

    const next = (drew: boolean): void => {
      const following = currentOf(folder, lesson)
      if (following === undefined) {
        print("\nAll lessons are right.")
        return end()
      }
      const when = drew ? ` in ${pause.drawn / 1000} seconds, with n at once` : ""
      print(`\n${lesson.name} is right. On to ${following.name}${when}.`)
      goOn = () => {
        clearTimeout(timer)
        lesson = following
        begin()
      }
      timer = setTimeout(goOn, drew ? pause.drawn : pause.said)
    }

    const begin = (): void => {
      goOn = stay
      const { file } = folder.exercise(lesson)
      watcher?.close()
      try {
        folder.begin(lesson)
        // The folder and not the file, which some editors replace.
        watcher = watchFolder(dirname(file), (_, name) => {
          if (name !== null && name !== basename(file)) return
          clearTimeout(timer)
          timer = setTimeout(() => void check(), debounce)
        })
        watcher.on("error", tell)
      } catch (error) {
        tell(error)
        return end()
      }
      void check()
    }

    const stop = listen((key) => {
      if (key === "q" || key === "\u0003") end()
      else if (key === "n") goOn()
      else if (key === "h") print(`\n${wrapped(hint === "" ? "There is no hint for this." : hint, { indent: "  " })}`)
      else if (key === "l") print(`\n${listText(folder.done())}`)
    })
    begin()
  })
