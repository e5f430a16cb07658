/** The learner's folder: exercises to work on, which nothing overwrites, and how far they are. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fromSource, packageFolder } from "../place.ts"
import { compilerOptions } from "../lesson/options.ts"
import { type Lesson, lessons } from "../lesson/lesson.ts"

/** Something that the course cannot go on with, in a sentence. */
export class Refused extends Error {}

/** Where a learner works. */
export interface Folder {
  readonly path: string
  /** The learner's copy of an exercise, and what it is called from where the command was started. */
  readonly exercise: (lesson: Lesson) => { readonly file: string; readonly shown: string }
  /** The names of lessons that are right. */
  readonly done: () => ReadonlySet<string>
  readonly finish: (lesson: Lesson) => void
  /** Puts the text, the picture and the exercise of a lesson where they are not yet. */
  readonly begin: (lesson: Lesson) => void
  /** Writes a picture of what a lesson has drawn beside its exercise, over the last one; gives what the file is called. */
  readonly draw: (lesson: Lesson, picture: string) => string
}

/** Copies what is not there yet. */
const copyNew = (from: string, to: string): void => {
  if (existsSync(from) && !existsSync(to)) copyFileSync(from, to)
}

const writeNew = (file: string, text: string): void => {
  if (!existsSync(file)) writeFileSync(file, text)
}

/** A text whose links to pages of the repository go there from a folder; where these are not installed the words stay. */
const linked = (text: string, folder: string): string =>
  text.replaceAll(/\[([^\]]*)\]\((?:\.\.\/){4}([^)]*)\)/g, (_, words: string, page: string) =>
    fromSource ? `[${words}](${relative(folder, join(packageFolder, "../..", page))})` : words
  )

const progressName = "progress.json"

/** The lessons that a file of progress names. */
const readProgress = (file: string): ReadonlySet<string> => {
  if (!existsSync(file)) return new Set()
  try {
    const { done } = JSON.parse(readFileSync(file, "utf8")) as { readonly done: unknown }
    if (Array.isArray(done) && done.every((name) => typeof name === "string")) return new Set(done)
  } catch {
    // It is told below.
  }
  throw new Refused(
    `${file} is not what the course wrote there; remove it to begin counting anew, exercises stay as they are`
  )
}

/**
 * The folder of a learner, made once a lesson begins. What it does throws `Refused` where that cannot be.
 *
 *     const folder = openFolder("noema-course")
 */
export const openFolder = (path: string): Folder => {
  const progress = join(path, progressName)
  const writing = (what: () => void): void => {
    try {
      mkdirSync(path, { recursive: true })
      what()
    } catch (error) {
      throw new Refused(`${path} cannot be the folder of the course: ${(error as Error).message}`)
    }
  }
  /** What the editor and Node need above the exercises. */
  const settings = (): void => {
    const options = { compilerOptions, include: ["*/exercise.ts"] }
    writeNew(join(path, "tsconfig.json"), `${JSON.stringify(options, null, 2)}\n`)
    if (!fromSource) writeNew(join(path, "package.json"), '{ "private": true, "type": "module" }\n')
  }
  /** A file of a lesson, and what it is called from where the command was started. */
  const fileOf = ({ name }: Lesson, called: string) => {
    const file = join(path, name, called)
    const shown = relative(process.cwd(), file)
    return { file, shown: shown.startsWith("..") ? file : shown }
  }
  return {
    path,
    exercise: (lesson) => fileOf(lesson, "exercise.ts"),
    draw: (lesson, picture) => {
      const { file, shown } = fileOf(lesson, "plot.svg")
      writing(() => writeFileSync(file, picture))
      return shown
    },
    done: () => readProgress(progress),
    finish: ({ name }) => {
      const done = new Set([...readProgress(progress), name])
      const known = lessons.flatMap((lesson) => (done.has(lesson.name) ? [lesson.name] : []))
      writing(() => {
        writeFileSync(`${progress}.new`, `${JSON.stringify({ done: known }, null, 2)}\n`)
        renameSync(`${progress}.new`, progress)
      })
    },
    begin: ({ exercise, name, picture, readme }) =>
      writing(() => {
        settings()
        mkdirSync(join(path, name), { recursive: true })
        writeNew(join(path, name, "README.md"), linked(readFileSync(readme, "utf8"), join(path, name)))
        copyNew(picture, join(path, name, "picture.svg"))
        copyNew(exercise, join(path, name, "exercise.ts"))
      })
  }
}

/** The first lesson that is not right yet, of those behind another if that is given; undefined where all are right. */
export const currentOf = (folder: Folder, behind?: Lesson): Lesson | undefined => {
  const done = folder.done()
  const open = lessons.filter(({ name }) => !done.has(name))
  return open.find(({ name }) => behind === undefined || name > behind.name) ?? open[0]
}
