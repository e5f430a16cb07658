import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, test } from "vitest"
import { parseJson } from "../../../packages/atp/src/input/json.ts"
import { plain, quoted, shownValue } from "../../../packages/atp/src/input/shown.ts"

const refusal = (text: string) =>
  Result.match(parseJson(text), { onFailure: ({ reason }) => reason, onSuccess: () => "read" })

test("every JSON text reads as the language's own reader reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(Result.getOrThrow(parseJson(text))).toEqual(JSON.parse(text))
    })
  )
})

test("any text is read as the language's own reader reads it, or refused", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "\\",
    "a",
    "1",
    '"a"',
    '"b":',
    " ",
    "\\u0061",
    "\u001b"
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const read = parseJson(parts.join(""))
      if (Result.isSuccess(read)) expect(read.success).toEqual(JSON.parse(parts.join("")))
      else expect(read.failure.reason).not.toMatch(/\p{Cc}/u)
    }),
    { numRuns: 1000 }
  )
})

test("a name occurs once in an object, however it is spelt", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue({ maxDepth: 1 }), (name, value) => {
      const [once, spelt] = [JSON.stringify(name), `"${[...name].map((sign) => escaped(sign)).join("")}"`]
      const inner = JSON.stringify(value)
      expect(refusal(`[{${once}: ${inner}}, {${once}: ${inner}}]`)).toBe("read")
      expect(refusal(`{${once}: ${inner}, ${spelt}: ${inner}}`)).toMatch(/^expected every name once, found ".*" twice/)
    })
  )
})
const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")

test("names that objects have anyway are names like others", () => {
  const read = Result.getOrThrow(parseJson('{"__proto__": 1, "constructor": 2}')) as object
  expect(Object.entries(read)).toEqual([
    ["__proto__", 1],
    ["constructor", 2]
  ])
})

test("nesting is bounded before a value is built", () => {
  expect(refusal(`${"[".repeat(64)}${"]".repeat(64)}`)).toBe("read")
  expect(refusal(`${"[".repeat(65)}${"]".repeat(65)}`)).toContain("at most 64 levels")
  expect(refusal('{"a":'.repeat(5e6))).toContain("at most 64 levels")
  expect(refusal(JSON.stringify("[".repeat(5e5)))).toBe("read")
})

test("what is shown is short, on one line, and nothing a terminal obeys", () => {
  const unsafe = fc.array(fc.nat(0xffff), { maxLength: 80 }).map((codes) => String.fromCharCode(...codes))
  fc.assert(
    fc.property(unsafe, (text) => {
      for (const shown of [plain(text, 50), quoted(text), shownValue({ [text]: text })]) {
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect(shown.length).toBeLessThan(1000)
      }
    })
  )
  expect(plain("a\u001b[2Jb\n\nc")).toBe("a\\u{1b}[2Jb c")
  expect(quoted('say "no"')).toBe('"say \\"no\\""')
})

test("a fault is placed where it stands", () => {
  const placeOf = (text: string) => Result.match(parseJson(text), { onFailure: ({ at }) => at, onSuccess: () => -1 })
  const long = `{"a": ${JSON.stringify("x".repeat(500))},\n`
  expect(placeOf(`${long}"b": 1, "b": 2}`)).toBe(long.length + '"b": 1, "b"'.length)
  expect(placeOf(`${long}"b": oops}`)).toBe(long.length + 5)
})
