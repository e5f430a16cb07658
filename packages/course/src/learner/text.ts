/** What the course says. */
import { styleText } from "node:util"
import { type Lesson, lessons, summaryOf } from "../lesson/lesson.ts"
import type { Verdict } from "../lesson/verdict.ts"

type Style = Parameters<typeof styleText>[0]

/** Colours where the output is a terminal that wants them. */
const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** A text in lines of so many signs at most, each after an indent. */
export const wrapped = (
  text: string,
  { indent = "", width = 80 }: { readonly indent?: string; readonly width?: number } = {}
): string => {
  const lines: Array<string> = [indent]
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!
    const longer = last === indent ? last + word : `${last} ${word}`
    if (longer.length > width && last !== indent) lines.push(indent + word)
    else lines[lines.length - 1] = longer
  }
  return lines.join("\n")
}

const placeOf = (lesson: Lesson) => lessons.findIndex(({ name }) => name === lesson.name) + 1

/** The head of a lesson: which one it is, what it is about, and where. */
export const headOf = (lesson: Lesson, { file, text }: { readonly file: string; readonly text: string }): string =>
  [
    styled("bold", `${lesson.name}, ${placeOf(lesson)} of ${lessons.length}`),
    "",
    wrapped(summaryOf(lesson), { indent: "  " }),
    "",
    `  read   ${text}`,
    `  write  ${file}`
  ].join("\n")

/** What is said of an exercise. */
export const verdictText = (verdict: Verdict, seconds: number): string =>
  verdict.right ? styled("green", `right, in ${seconds.toFixed(1)} s`) : `${styled("red", "not yet")}  ${verdict.said}`

/** All lessons, with those that are right. */
export const listText = (done: ReadonlySet<string>): string =>
  lessons
    .map(
      (lesson) =>
        `${done.has(lesson.name) ? "done" : "    "}  ${lesson.name.padEnd(20)}  ${firstSentence(summaryOf(lesson))}`
    )
    .join("\n")

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0] ?? text
