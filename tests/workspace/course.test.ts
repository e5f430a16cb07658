/** The course: what its lessons are made of. `npm run check:course` proves that solutions pass, and exercises do not. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { lessonNamed, lessons, summaryOf } from "../../packages/course/src/lesson/lesson.ts"
import { root } from "./sources.ts"

const glossary = readFileSync(join(root, "docs/glossary.md"), "utf8")

describe.each(lessons)("$name", (lesson) => {
  const text = readFileSync(lesson.readme, "utf8")

  it("has a text of 150 to 300 words, a picture, a question before running and its answer folded in", () => {
    const prose = text.replaceAll(/```[^]*?```/g, "").replaceAll(/!\[[^\]]*\]\([^)]*\)|<[^>]*>|\]\([^)]*\)/g, "")
    const words = prose.split(/\s+/).filter((word) => /\w/.test(word)).length
    expect(words).toBeGreaterThanOrEqual(150)
    expect(words).toBeLessThanOrEqual(300)
    expect(text).toMatch(/^!\[[^\]]{10,}\]\(picture\.svg\)$/m)
    expect(text).toMatch(/^\*\*Before you (run|look|write)/m)
    expect(text).toMatch(/<details><summary>Answer<\/summary>\n\n[^]+\n\n<\/details>/)
    expect(summaryOf(lesson).length).toBeGreaterThan(40)
  })

  it("has a picture that says what it shows", () => {
    const picture = readFileSync(lesson.picture, "utf8")
    expect(picture).toMatch(/^<svg [^>]*role="img"[^>]*>\s*<title>[^<]{20,}<\/title>/)
    expect(picture.length).toBeLessThan(30_000)
  })

  it("links to words that the glossary has, and to pages that are there", () => {
    const links = [...text.matchAll(/\[([^\]]*)\]\(\.\.\/\.\.\/\.\.\/\.\.\/([^)#]*)\)/g)]
    expect(links.length).toBeGreaterThan(0)
    for (const [, words, page] of links) {
      expect([page, existsSync(join(root, page!))]).toEqual([page, true])
      if (page === "docs/glossary.md") expect(glossary.toLowerCase()).toContain(words!.toLowerCase().replace(/s$/, ""))
    }
  })

  it("has an exercise that is not the solution, and checks that all have a hint", () => {
    expect(readFileSync(lesson.exercise, "utf8")).not.toBe(readFileSync(lesson.solution, "utf8"))
    const check = readFileSync(lesson.check, "utf8")
    const kinds = [...check.matchAll(/\bkind: "/g)].length
    expect([...check.matchAll(/\bhint:\s+["`]/g)].length).toBe(kinds + 1)
  })
})

it("lessons are found by number and by name", () => {
  for (const lesson of lessons) {
    const number = lesson.name.slice(0, 2)
    for (const word of [lesson.name, lesson.name.slice(3), number, `${Number(number)}`])
      expect(lessonNamed(word)).toBe(lesson)
  }
  for (const word of ["", "0", "nothing", "1.5"]) expect(lessonNamed(word)).toBeUndefined()
})
