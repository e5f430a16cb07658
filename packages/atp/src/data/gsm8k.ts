/** GSM8K and what is written like it, as streams of problems. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { canonicalNumber, equations, parseNumber } from "./equation.ts"
import { AnswerNotANumber, type DataError, MalformedLine } from "./errors.ts"
import { decodeLine, type Line, lines } from "./lines.ts"
import type { Problem, StepLanguage } from "./problem.ts"

/** Problems of a file, read as they are asked for. */
export type ProblemStream = Stream.Stream<Problem<never>, DataError, FileSystem.FileSystem>

const numeric = (line: Line, text: string): Effect.Effect<string, AnswerNotANumber> =>
  parseNumber(text) === null
    ? Effect.fail(new AnswerNotANumber({ file: line.file, line: line.number, found: text.trim() }))
    : Effect.succeed(canonicalNumber(text))

/** The text before and after the first `sign`, or null where there is none. */
const parted = (text: string, sign: string): readonly [before: string, after: string] | null => {
  const at = text.indexOf(sign)
  return at === -1 ? null : [text.slice(0, at), text.slice(at + sign.length)]
}

/** What stands behind the `####` on the last line of a worked answer, or null. */
const resultOf = (answer: string): string | null => {
  const last = answer.lastIndexOf("####")
  if (last === -1) return null
  const result = parted(answer.slice(answer.lastIndexOf("\n", last) + 1), "####")![1].trim()
  return result.includes("\n") ? null : result
}

/** Groups as they stand: `<<48/2=24>> <<48+24=72>>` are two. One begins at every `<<` behind a space. */
const groupsOf = (text: string): ReadonlyArray<string> => {
  const begins = Array.from(text.matchAll(/\s<</g), ({ index }) => index)
  return [0, ...begins].map((from, i) => text.slice(from, begins[i]).trim()).filter((group) => group !== "")
}

/** `<<...>>` groups, as they stand; what lies between two signs without their partner is left out. */
const annotated = (text: string): ReadonlyArray<string> => text.match(/<<[^<>]*>>/g) ?? []

const worked = decodeLine(
  Schema.Struct({ question: Schema.String, answer: Schema.String }),
  'an object {"question": text, "answer": text}'
)

/**
 * GSM8K as published: JSON Lines of `{question, answer}`, the answer in prose with `<<48/2=24>>` annotations and
 * `#### 24` at its end. The steps are the annotations. Fails with the file and line of the first mistake.
 */
export const gsm8k = (file: string): ProblemStream =>
  lines(file).pipe(
    Stream.mapEffect((line) =>
      Effect.gen(function* () {
        const { answer, question } = yield* worked(line)
        const final = resultOf(answer)
        if (final === null)
          return yield* new MalformedLine({
            file,
            line: line.number,
            expected: "an answer that ends with #### and the result",
            found: answer.slice(-40)
          })
        return { question: question.trim(), steps: annotated(answer), answer: yield* numeric(line, final) }
      })
    )
  )

/** The equation form: one problem per line, `question||<<48/2=24>> <<48+24=72>> #### 72`. */
export const equationForm = (file: string): ProblemStream =>
  lines(file).pipe(
    Stream.mapEffect((line) =>
      Effect.gen(function* () {
        const sides = parted(line.text, "||")
        const chain = sides === null ? null : parted(sides[1], "####")
        if (sides === null || chain === null)
          return yield* new MalformedLine({
            file,
            line: line.number,
            expected: "question||<<..>> .. #### answer",
            found: line.text
          })
        return {
          question: sides[0].trim(),
          steps: groupsOf(chain[0]),
          answer: yield* numeric(line, chain[1])
        }
      })
    )
  )

const asked = decodeLine(
  Schema.Struct({ input: Schema.String, target: Schema.Union([Schema.Number, Schema.String]) }),
  'an object {"input": text, "target": number}'
)

/** SVAMP, MultiArith and GSM-Hard as published for program-aided models: JSON Lines of `{input, target}`, no steps. */
export const answersOnly = (file: string): ProblemStream =>
  lines(file).pipe(
    Stream.mapEffect((line) =>
      Effect.gen(function* () {
        const { input, target } = yield* asked(line)
        return { question: input.trim(), steps: [], answer: yield* numeric(line, `${target}`) }
      })
    )
  )

/** What a set of chains is like: how many there are, and how many steps in them cannot be read. */
export interface ChainCensus {
  readonly problems: number
  readonly withoutSteps: number
  readonly steps: number
  /** Steps that do not parse. They are kept as text; only coherence and validity cannot be judged on them. */
  readonly unreadableSteps: number
  readonly unreadableChains: number
}

/** Counts chains and steps that do not parse: equations, unless another language is given. */
export const census = (problems: ReadonlyArray<Problem>, language: StepLanguage = equations): ChainCensus => {
  const unreadable = problems.map(({ steps }) => steps.filter((step) => language.read(step) === null).length)
  return {
    problems: problems.length,
    withoutSteps: problems.filter(({ steps }) => steps.length === 0).length,
    steps: problems.reduce((sum, { steps }) => sum + steps.length, 0),
    unreadableSteps: unreadable.reduce((sum, n) => sum + n, 0),
    unreadableChains: unreadable.filter((n) => n > 0).length
  }
}
