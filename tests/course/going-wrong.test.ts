/** What is said of exercises that go wrong, and by the command line. A part of `npm run check:course`. */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { checkIn } from "../../packages/course/src/learner/check.ts"
import { currentOf, openFolder } from "../../packages/course/src/learner/folder.ts"
import { watch } from "../../packages/course/src/learner/watch.ts"
import { type Lesson, lessons } from "../../packages/course/src/lesson/lesson.ts"
import { verify } from "../../packages/course/src/lesson/verify.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
mkdirSync(join(root, "tests/.cache"), { recursive: true })
const folder = mkdtempSync(join(root, "tests/.cache/course-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** A lesson of one number, so small that its checks take no time; it draws that number, if it is to. */
const small = (plot: "drawn" | "none" = "none"): Lesson => {
  const at = (name: string) => join(folder, "lesson", name)
  mkdirSync(at(""), { recursive: true })
  writeFileSync(at("README.md"), "# Small\n\nA number is to be one.\n")
  writeFileSync(at("exercise.ts"), "export const one: number = 0\n")
  writeFileSync(at("solution.ts"), "export const one: number = 1\n")
  const check =
    "const is = ({ one }) => (one === 1 ? null : `one should be 1 and is ${one}`)\n" +
    "const run = (exercise) => ({ *[Symbol.iterator]() {} }) && Effect.sync(() => is(exercise))\n"
  const lines = 'lines: [{ name: "mine", points: [[1, one], [2, one / 2]] }]'
  const draws = `, plot: ({ one }) => Effect.succeed({ title: "How much it is.", x: "place", y: "number", most: 1, ${lines} })`
  writeFileSync(
    at("check.ts"),
    `import * as Effect from "effect/Effect"\n${check}export default { hint: "types", checks: [{ kind: "values", name: "one", hint: "Try 1.", run }]${plot === "drawn" ? draws : ""} }\n`
  )
  return {
    name: "00-small",
    readme: at("README.md"),
    picture: at("picture.svg"),
    exercise: at("exercise.ts"),
    solution: at("solution.ts"),
    check: at("check.ts")
  }
}

describe("an exercise that goes wrong is told of in a sentence", () => {
  const lesson = small()
  const said = async (name: string, text: string) => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, text)
    // A busy machine takes its time; only what never ends is to be stopped soon.
    const verdict = await verify(lesson, { file, shown: `${name}.ts` }, { seconds: name === "loops" ? 4 : 50 })
    return verdict.right ? "right" : verdict.said
  }
  it.concurrent.each([
    ["right", "export const one: number = 1\n", "right"],
    ["wrong", "export const one: number = 2\n", "wrong.ts: one should be 1 and is 2"],
    ["syntax", "\nexport const one: number = (1\n", "syntax.ts:3: ')' expected. (TS1005)"],
    [
      "type",
      'export const one: number = "1"\n',
      "type.ts:1: Type 'string' is not assignable to type 'number'. (TS2322)"
    ],
    ["blind", 'export const one = "1" as any\n', "blind.ts:1: this makes the compiler look away"],
    ["renamed", "export const two: number = 1\n", "renamed.ts: what it exports has changed its name or its type"],
    [
      "throws",
      'export const one: number = 1\n\nthrow new RangeError("too far")\n',
      "throws.ts:3 failed with RangeError: too far"
    ],
    [
      "loops",
      "export const one: number = 1\nwhile (one > 0) continue\n",
      "loops.ts: nothing came within 4 s while it was loaded"
    ],
    [
      "ends",
      'import process from "node:process"\nexport const one: number = 1\nprocess.exit(3)\n',
      "ends.ts: its process ended (status 3)"
    ]
  ])("%s", { timeout: 60_000 }, async (name, text, expected) => {
    expect((await said(name, text)).slice(0, expected.length)).toBe(expected)
  })
})

it(
  "a watch tells of every save, lives through what goes wrong, and writes down what is right",
  { timeout: 60_000 },
  async () => {
    const lesson = small()
    const mine = openFolder(join(folder, "learner"))
    const { file } = mine.exercise(lesson)
    const progress = join(mine.path, "progress.json")
    const told: Array<string> = []
    let press: (key: string) => void = () => undefined
    const rounds: ReadonlyArray<readonly [said: string, then: () => void]> = [
      ["one should be 1 and is 0", () => writeFileSync(file, "export const one: number = \n")],
      ["expected. (TS1", () => rmSync(file)],
      ["is missing", () => (writeFileSync(progress, "{"), writeFileSync(file, "export const one: number = 1\n"))],
      ["progress.json is not what", () => (rmSync(progress), writeFileSync(file, "export const one: number = 1\n\n"))],
      ["right, in", () => press("q")]
    ]
    let round = 0
    await watch(mine, lesson, {
      clear: () => undefined,
      keys: (pressed) => {
        press = pressed
        return () => undefined
      },
      print: (text) => {
        told.push(text)
        const [said, then] = rounds[round] ?? ["", () => undefined]
        if (said !== "" && text.includes(said)) {
          round++
          setTimeout(then, 50)
        }
      }
    })
    expect(round).toBe(rounds.length)
    expect(readFileSync(join(mine.path, "00-small/README.md"), "utf8")).toContain("A number is to be one.")
    expect(currentOf(mine)?.name).toBe(lessons[0]!.name)
  }
)

it("what a lesson plots is drawn once all is right, as text and as a picture", { timeout: 60_000 }, async () => {
  const lesson = small("drawn")
  const mine = openFolder(join(folder, "drawing"))
  mine.begin(lesson)
  const { file } = mine.exercise(lesson)
  const picture = join(mine.path, lesson.name, "plot.svg")
  expect([(await checkIn(mine, lesson)).drawn, existsSync(picture)]).toEqual([null, false])
  writeFileSync(file, readFileSync(lesson.solution, "utf8"))
  const { drawn } = await checkIn(mine, lesson)
  expect(drawn?.split("\n").slice(3, 5)).toEqual([
    `mine      1  ${"█".repeat(40)}  1.00`,
    `          2  ${"█".repeat(20).padEnd(40)}  0.50`
  ])
  expect(readFileSync(picture, "utf8")).toMatch(/^<svg [^>]*role="img"[^>]*><title>How much it is.<\/title>/)
})

it("a watch leaves what is drawn on the screen, and goes on at a key", { timeout: 60_000 }, async () => {
  const lesson = small("drawn")
  const mine = openFolder(join(folder, "watching"))
  mine.begin(lesson)
  writeFileSync(mine.exercise(lesson).file, readFileSync(lesson.solution, "utf8"))
  const told: Array<string> = []
  let press: (key: string) => void = () => undefined
  await watch(mine, lesson, {
    clear: () => undefined,
    keys: (pressed) => {
      press = pressed
      return () => undefined
    },
    print: (text) => {
      told.push(text)
      const key = text.includes("with n at once") ? "n" : text.includes("a hole is left to fill") ? "q" : null
      if (key !== null) setTimeout(() => press(key), 50)
    }
  })
  const drawn = told.findIndex((text) => text.includes(`  mine      1  ${"█".repeat(40)}  1.00`))
  expect(told[drawn + 1]).toMatch(
    new RegExp(`00-small is right. On to ${lessons[0]!.name} in 30 seconds, with n at once`)
  )
  expect(told.at(-1)).toContain(lessons[0]!.name)
})

it("an exercise behind a link is told of in the same way", { timeout: 60_000 }, async () => {
  const lesson = small()
  mkdirSync(join(folder, "real"))
  symlinkSync(join(folder, "real"), join(folder, "link"))
  const file = join(folder, "link", "exercise.ts")
  const said = async (text: string) => {
    writeFileSync(file, text)
    const verdict = await verify(lesson, { file, shown: "exercise.ts" })
    return verdict.right ? "right" : verdict.said
  }
  expect(await said('export const one: number = "1"\n')).toContain("exercise.ts:1: Type 'string'")
  expect(await said('export const one: number = 1\n\nthrow new RangeError("far")\n')).toContain("exercise.ts:3 failed")
})

it("a folder keeps what a learner has written, and says what is wrong with its progress", () => {
  const lesson = small()
  const mine = openFolder(join(folder, "kept"))
  mine.begin(lesson)
  writeFileSync(mine.exercise(lesson).file, "mine")
  mine.begin(lesson)
  expect(readFileSync(mine.exercise(lesson).file, "utf8")).toBe("mine")
  const [first, second, third, fourth] = lessons as readonly [Lesson, Lesson, Lesson, Lesson, ...ReadonlyArray<Lesson>]
  mine.finish(third)
  mine.finish(second)
  expect([...mine.done()]).toEqual([second.name, third.name])
  expect(currentOf(mine)).toBe(first)
  expect(currentOf(mine, second)).toBe(fourth)
  expect(currentOf(mine, lessons.at(-1))).toBe(first)
  writeFileSync(join(mine.path, "progress.json"), "[]")
  expect(() => mine.done()).toThrow("progress.json is not what the course wrote there")
})

describe("the command line", () => {
  const run = (program: string, ...words: ReadonlyArray<string>) =>
    new Promise<{ readonly status: number; readonly text: string }>((resolve) =>
      execFile(
        process.execPath,
        ["--conditions=@noema/source", join(root, program), ...words],
        { cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } },
        (error, stdout, stderr) => resolve({ status: Number(error?.code ?? 0), text: (stdout + stderr).trim() })
      )
    )
  const course = "packages/course/src/main.ts"
  const noema = "packages/atp/src/cli/start.ts"

  it.concurrent("refuses in a sentence what it cannot do, and writes nothing", { timeout: 60_000 }, async () => {
    const cases = [
      [["nothing"], /^expected a lesson of 01-shapes.*, found "nothing"$/],
      [["1", "2"], /^expected one lesson, found 1 and 2$/],
      [["--hint", "--list"], /^expected one of --hint, .*, found --hint and --list$/],
      [["--wrong"], /^Unknown option '--wrong'/],
      [["1", "--folder", join(root, "package.json")], /package.json cannot be the folder of the course: /]
    ] as const
    for (const [words, expected] of cases) {
      const { status, text } = await run(course, ...words)
      expect([status, text.split("\n").length]).toEqual([1, 1])
      expect(text).toMatch(expected)
    }
  })

  it.concurrent("noema learn is the course, with its options and its status", { timeout: 60_000 }, async () => {
    const learner = join(folder, "by noema")
    const [list, help, own, hint, solution] = await Promise.all([
      run(noema, "learn", "--list"),
      run(noema, "learn", "--help"),
      run(course, "--help"),
      run(noema, "learn", "1", "--hint", "--folder", learner),
      run(noema, "learn", "shapes", "--solution")
    ])
    expect(list.text.split("\n").map((line) => line.trim().split(" ")[0])).toEqual(lessons.map(({ name }) => name))
    for (const [option] of own.text.matchAll(/^ {2}--\w+/gm)) expect(help.text).toContain(option.trim())
    expect(hint.status).toBe(1)
    expect(hint.text).toMatch(/exercise\.ts:\d+: a hole is left to fill[^]*\n\n.{20,}/)
    expect(solution.text).toBe(readFileSync(lessons[0]!.solution, "utf8").trim())
    expect(readFileSync(join(learner, "01-shapes/README.md"), "utf8")).toMatch(/\]\((\.\.\/)+docs\/glossary\.md\)/)
  })
})
