#!/usr/bin/env node
/** `noema learn`, which is `noema-course`: watches the current exercise, or says once what is not yet right. */
import { readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { parseArgs } from "node:util"
import { checkIn } from "./learner/check.ts"
import { currentOf, type Folder, openFolder, Refused } from "./learner/folder.ts"
import { headOf, listText, verdictText } from "./learner/text.ts"
import { watch } from "./learner/watch.ts"
import { type Lesson, lessonNamed, lessons } from "./lesson/lesson.ts"

const usage = `noema learn [LESSON] [--hint | --solution | --list | --once] [--folder FOLDER]

  LESSON       a lesson by its number or name, such as 2 or broadcasting; the first that is not right yet unless given
  --hint       what helps with what is not yet right
  --solution   prints a solution; your own file stays as it is
  --list       all lessons, and which of them are right
  --once       checks once and ends with status 1 where something is not yet right, as without a terminal
  --folder     where your exercises are; noema-course unless given`

/** The words of a command line; throws `Refused`. */
const asked = (words: ReadonlyArray<string>) => {
  const flag = { type: "boolean", default: false } as const
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        hint: flag,
        solution: flag,
        list: flag,
        once: flag,
        help: { ...flag, short: "h" },
        folder: { type: "string", default: "noema-course" }
      }
    })
    const [word, more] = positionals
    if (more !== undefined) throw new Refused(`expected one lesson, found ${word} and ${more}`)
    const wanted = ["hint", "solution", "list", "once"].filter((name) => values[name as "hint"])
    if (wanted.length > 1)
      throw new Refused(
        `expected one of --hint, --solution, --list and --once, found ${wanted.map((name) => `--${name}`).join(" and ")}`
      )
    return { ...values, word }
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused(`${(error as Error).message.split(". ")[0]} (noema learn --help lists what there is)`)
  }
}

const wantedLesson = (word: string | undefined, folder: Folder): Lesson | undefined => {
  if (word === undefined) return currentOf(folder)
  const lesson = lessonNamed(word)
  if (lesson === undefined)
    throw new Refused(
      `expected a lesson of ${lessons.map(({ name }) => name).join(", ")}, found ${JSON.stringify(word)}`
    )
  return lesson
}

/** Checks once; the status says whether all is right. */
const once = async (folder: Folder, lesson: Lesson, hints: boolean): Promise<number> => {
  folder.begin(lesson)
  const { shown } = folder.exercise(lesson)
  if (!hints) console.log(`${headOf(lesson, { file: shown, text: `${dirname(shown)}/README.md` })}\n`)
  const { drawn, seconds, verdict } = await checkIn(folder, lesson)
  if (hints && !verdict.right) console.log(`${verdict.said}\n\n${verdict.hint}`)
  else console.log(verdictText(verdict, seconds))
  if (drawn !== null) console.log(`\n${drawn}`)
  return verdict.right ? 0 : 1
}

/** A terminal, as a watch wants it. */
const terminal = {
  print: (text: string) => console.log(text),
  clear: () => process.stdout.write("\u001b[2J\u001b[H"),
  keys: (pressed: (key: string) => void) => {
    if (!process.stdin.isTTY) return () => undefined
    const listen = (chunk: Buffer) => pressed(chunk.toString())
    process.stdin.setRawMode(true).resume().on("data", listen)
    return () => {
      process.stdin.off("data", listen).setRawMode(false).pause()
    }
  }
}

const main = async (words: ReadonlyArray<string>): Promise<number> => {
  const options = asked(words)
  if (options.help) return (console.log(usage), 0)
  const folder = openFolder(resolve(options.folder))
  if (options.list) return (console.log(listText(folder.done())), 0)
  const lesson = wantedLesson(options.word, folder)
  if (lesson === undefined) return (console.log("All lessons are right. `noema learn LESSON` looks at one again."), 0)
  if (options.solution) return (console.log(readFileSync(lesson.solution, "utf8").trimEnd()), 0)
  if (options.hint) return once(folder, lesson, true)
  if (options.once || !process.stdout.isTTY) return once(folder, lesson, false)
  folder.begin(lesson)
  await watch(folder, lesson, terminal)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refused)) throw error
  console.error(error.message)
  process.exitCode = 1
}
