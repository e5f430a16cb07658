/**
 * JSON from strangers. The language lets a name occur twice in an object, of which readers keep one or the other, and
 * nests without end; both are refused, the second before any value is built.
 */
import * as Result from "effect/Result"
import { plain, quoted } from "./shown.ts"

/** Deeper than anything that is written down; a reader that recurses is safe below this. */
const mostDepth = 64

const nameOf = (text: string, begin: number, end: number): string => {
  const raw = text.slice(begin, end)
  return raw.includes("\\") ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** The end of a string whose first sign is at `begin`: where its closing quotation mark is. */
const endOfString = (text: string, begin: number): number => {
  for (let at = begin; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === 0x5c) at++
    else if (sign === 0x22) return at
  }
  return text.length
}

/** What is wrong with a text, and how many signs of it lie before that. */
export interface JsonFault {
  readonly reason: string
  readonly at: number
}

/** What is wrong with the structure of a text that is JSON, or null. One pass. */
const fault = (text: string): JsonFault | null => {
  const open: Array<Set<string> | null> = []
  let [begin, end] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        begin = at + 1
        end = endOfString(text, begin)
        at = end
        break
      case ":": {
        const names = open.at(-1)
        const name = nameOf(text, begin, end)
        if (names?.has(name))
          return { at, reason: `expected every name once, found ${quoted(name)} twice in an object` }
        names?.add(name)
        break
      }
      case "{":
      case "[":
        if (open.length === mostDepth)
          return { at, reason: `expected at most ${mostDepth} levels of objects and arrays, found more` }
        open.push(text[at] === "{" ? new Set() : null)
        break
      case "}":
      case "]":
        open.pop()
    }
  }
  return null
}

/** V8 tells where JSON goes wrong either by position or by quoting some ten signs on both sides. */
const placeOf = (text: string, message: string): number => {
  const position = /position (\d+)/.exec(message)?.[1]
  const quoted = /\.\.\."([\s\S]*?)"(?:\.\.\.)? is not valid JSON/.exec(message)?.[1]
  return position !== undefined ? Number(position) : quoted !== undefined ? text.indexOf(quoted) + 10 : 0
}

/**
 * The value of a JSON text, or what is wrong with it. Numbers are JavaScript's.
 *
 *     parseJson('{"a": 1, "a": 2}') // expected every name once, found "a" twice in an object
 */
export const parseJson = (text: string): Result.Result<unknown, JsonFault> => {
  try {
    const wrong = fault(text)
    if (wrong !== null) return Result.fail(wrong)
    const value: unknown = JSON.parse(text)
    return Result.succeed(value)
  } catch (error) {
    const { message } = error as SyntaxError
    return Result.fail({ at: placeOf(text, message), reason: `expected JSON, found ${plain(message, 200)}` })
  }
}
