/** ProsQA: which of two kinds something is, by a chain of "every a is a b". */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { readText } from "../input/file.ts"
import { parseJson } from "../input/json.ts"
import { MalformedLine, UnreadableData } from "./errors.ts"
import type { ProblemStream } from "./gsm8k.ts"
import { mostBytes } from "./lines.ts"
import type { StepLanguage } from "./problem.ts"

const Puzzle = Schema.Struct({
  question: Schema.NonEmptyString,
  answer: Schema.NonEmptyString,
  steps: Schema.Array(Schema.NonEmptyString)
})

const decodePuzzle = Schema.decodeUnknownEffect(Puzzle)

/** The line on which element `index` of a pretty-printed or one-line JSON array begins. */
const lineOfElement = (text: string, index: number): number => {
  let depth = 0
  let quoted = false
  let line = 1
  let element = -1
  for (let i = 0; i < text.length; i++) {
    const at = text[i]
    if (at === "\n") line++
    if (quoted) {
      if (at === "\\") i++
      else if (at === '"') quoted = false
    } else if (at === '"') quoted = true
    else if (at === "{" || at === "[") {
      if (depth === 1 && ++element === index) return line
      depth++
    } else if (at === "}" || at === "]") depth--
  }
  return line
}

/** A ProsQA file, a JSON array of `{question, steps, answer, ...}`. Fails with the line of the first mistake. */
export const prosqa = (file: string): ProblemStream =>
  Stream.unwrap(
    Effect.gen(function* () {
      const text = yield* Effect.mapError(
        readText(file, mostBytes),
        ({ reason }) => new UnreadableData({ file, reason })
      )
      const parsed = parseJson(text)
      const malformed = (line: number, found: string) =>
        new MalformedLine({ file, line, expected: "a JSON array of puzzles", found })
      if (Result.isFailure(parsed)) {
        const { at, reason } = parsed.failure
        return yield* malformed(text.slice(0, at).split("\n").length, reason)
      }
      const puzzles = parsed.success
      if (!Array.isArray(puzzles)) return yield* malformed(1, typeof puzzles)
      return Stream.fromIterable(puzzles.entries()).pipe(
        Stream.mapEffect(([index, puzzle]) =>
          Effect.mapError(
            decodePuzzle(puzzle),
            () =>
              new MalformedLine({
                file,
                line: lineOfElement(text, index),
                expected: 'an object {"question": text, "steps": [text], "answer": text}',
                found: JSON.stringify(puzzle)
              })
          )
        )
      )
    })
  )

const statement = /^(?:Every )?(\S+) is an? (\S+?)\.?$/

const readStatement: StepLanguage["read"] = (text) => {
  const match = statement.exec(text.trim())
  return match === null ? null : { operands: [match[1]!], result: match[2]! }
}

const facts = (question: string): ReadonlyArray<string> => question.split(/(?<=\.)\s+/)

/**
 * Steps of ProsQA (arXiv 2412.06769) are facts of the question: "Every rempus is a rorpus." leads from rempus to rorpus.
 *
 * @example
 * Task.statements.read("Every rempus is a rorpus.") // => { operands: ["rempus"], result: "rorpus" }
 * const question = "Every rempus is a rorpus. Bob is a rempus. Is Bob a rorpus or a sterpus?"
 * const puzzle = { question, steps: [], answer: "Bob is a rorpus." }
 * Task.statements.solves(puzzle, ["Bob is a rempus.", "Every rempus is a rorpus."]) // => true
 */
export const statements: StepLanguage = {
  read: readStatement,
  normalise: (text) => text.trim().replace(/\.$/, ""),
  resultText: (text) => readStatement(text)?.result ?? "",
  holds: (text, problem) =>
    facts(problem.question).some((fact) => statements.normalise(fact) === statements.normalise(text)),
  goldSteps: (problem) => new Set(problem.steps.map(statements.normalise)),
  solves: (problem, steps) =>
    steps.length > 0 &&
    steps.every((step, i) => {
      const stated = readStatement(step)
      const next =
        i + 1 < steps.length ? readStatement(steps[i + 1]!)?.operands[0] : readStatement(problem.answer)?.result
      return stated !== null && statements.holds(step, problem) && stated.result === next
    }) &&
    readStatement(steps[0]!)?.operands[0] === readStatement(problem.answer)?.operands[0]
}
