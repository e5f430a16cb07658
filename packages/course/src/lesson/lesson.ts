/** Lessons: folders of a text, an exercise, its checks and a solution. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { builtFolder, ending, packageFolder } from "../place.ts"

/** A lesson by its name, such as `02-broadcasting`, and the files that it is made of. */
export interface Lesson {
  readonly name: string
  readonly readme: string
  readonly picture: string
  readonly exercise: string
  readonly solution: string
  /** The module of its checks. */
  readonly check: string
}

const folder = join(packageFolder, "lessons")

const lessonOf = (name: string): Lesson => ({
  name,
  readme: join(folder, name, "README.md"),
  picture: join(folder, name, "picture.svg"),
  exercise: join(folder, name, "exercise.ts"),
  solution: join(folder, name, "solution.ts"),
  check: join(builtFolder, "lessons", name, `check${ending}`)
})

/** All lessons, in their order. */
export const lessons: ReadonlyArray<Lesson> = readdirSync(folder)
  .filter((name) => /^\d\d-/.test(name))
  .toSorted()
  .map(lessonOf)

/**
 * The lesson that a word names: `02-broadcasting`, `broadcasting`, `02` or `2`; undefined where none is.
 */
export const lessonNamed = (word: string): Lesson | undefined =>
  lessons.find(
    ({ name }) => name === word || name.slice(3) === word || Number(name.slice(0, 2)) === Number(word || NaN)
  )

/** The first paragraph of a lesson's text, on one line. */
export const summaryOf = ({ readme }: Lesson): string => {
  const paragraphs = readFileSync(readme, "utf8").split(/\n\s*\n/)
  const first = paragraphs.find((text) => /^[^#!<\s]/.test(text)) ?? ""
  return first
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[*`]/g, "")
}
