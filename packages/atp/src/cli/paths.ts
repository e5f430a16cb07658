/** The options of a config as help shows them: every path that `--set` takes, with its default. */
import * as Effect from "effect/Effect"
import { decodeConfig } from "../train/config.ts"

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const leavesOf = (value: unknown, path: string): ReadonlyArray<string> =>
  isTree(value)
    ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, path === "" ? name : `${path}.${name}`))
    : [`${path}=${typeof value === "string" ? value : JSON.stringify(value)}`]

/** Words in lines of at most so many signs. */
const wrapped = (words: ReadonlyArray<string>, most: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The lines of help about `--set`: paths and defaults, those of a section together. */
export const pathLines = (): ReadonlyArray<string> => {
  const config = Effect.runSync(decodeConfig({}))
  const paths = Object.entries(config).map(([name, value]) => leavesOf(value, name))
  const single = paths.filter((section) => section.length === 1).flat()
  const sections = [single, ...paths.filter((section) => section.length > 1)]
  return sections.flatMap((section) => wrapped(section, 78))
}
